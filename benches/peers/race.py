"""Races `probe` against other engines on the same networks, with the same weights and input.

    probe export --model NET ... --out DIR
    python benches/peers/race.py --probe PATH --nets DIR [--level folded] [--threads 1] [--adapter NAME] NET ...

Prints a Markdown row a network: median milliseconds of each engine, and ours over the fastest other's
and over ONNX Runtime's without optimisation. With --adapter both run on that GPU, and the other engine is
ncnn's Vulkan path: there is no other on all of Vulkan's devices. In every round each engine runs once, ours first, in a
process of its own, so that whatever drifts meanwhile hits all alike; a figure is the median over the
rounds of the medians. An engine whose output differs from ours by more than 1e-3 of its largest value
is left out, as is one that is not installed (packages onnxruntime, openvino, ncnn with pnnx).
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ENGINES = ["ort", "ort-none", "openvino", "ncnn"]
GPU_ENGINES = ["ncnn-vulkan"]
AGREEMENT = 1e-3
WARM_UP_S = 0.3


def onnx_runtime(path, inputs, threads, optimise):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    level = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = level.ORT_ENABLE_ALL if optimise else level.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    feed = {declared.name: x for declared, x in zip(session.get_inputs(), inputs)}
    return lambda: session.run(None, feed)[0]


def openvino(path, inputs, threads):
    import openvino
    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": "f32",  # On some processors it would choose bf16.
    }
    core = openvino.Core()
    request = core.compile_model(core.read_model(path), "CPU", settings).create_infer_request()
    for i, x in enumerate(inputs):
        request.set_input_tensor(i, openvino.Tensor(x, shared_memory=True))

    def run():
        request.infer()
        return request.get_output_tensor().data
    return run


def ncnn(path, inputs, threads, adapter=None):
    import ncnn
    keeper = tempfile.TemporaryDirectory()  # Some of these files are as large as the weights.
    folder = pathlib.Path(keeper.name)
    (folder / "net.onnx").symlink_to(path.resolve())
    pnnx = pathlib.Path(sys.executable).with_name("pnnx")
    shape = "inputshape=" + ",".join("[%s]" % ",".join(map(str, x.shape)) for x in inputs)
    subprocess.run([pnnx, "net.onnx", shape, "fp16=0"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    net = ncnn.Net()
    net.opt.num_threads = threads
    for option in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(net.opt, f"use_{option}", False)
    if adapter:
        net.opt.use_vulkan_compute = True
        gpus = [ncnn.get_gpu_info(i).device_name() for i in range(ncnn.get_gpu_count())]
        net.set_vulkan_device(next(i for i, name in enumerate(gpus) if adapter.lower() in name.lower()))
    net.load_param(str(folder / "net.ncnn.param"))
    net.load_model(str(folder / "net.ncnn.bin"))
    keeper.cleanup()
    maps = [ncnn.Mat(x[0]).clone() for x in inputs]

    def run():
        extractor = net.create_extractor()
        for i, x in enumerate(maps):
            extractor.input(f"in{i}", x)
        return extractor.extract("out0")[1]
    return run


def one(engine, path, threads, secs, adapter):
    """Times `engine` in this process; prints its median in milliseconds."""
    import numpy
    import onnx
    declared = [i.type.tensor_type.shape.dim for i in onnx.load(str(path)).graph.input]
    shapes = [[d.dim_value for d in dims] for dims in declared]
    ends = numpy.cumsum([numpy.prod(shape) for shape in shapes])[:-1]
    parts = numpy.split(numpy.fromfile(path.with_suffix(".in.bin"), "<f4"), ends)
    inputs = [part.reshape(shape) for part, shape in zip(parts, shapes)]
    expected = numpy.fromfile(path.with_suffix(".out.bin"), "<f4")
    run = {
        "ort": lambda: onnx_runtime(path, inputs, threads, True),
        "ort-none": lambda: onnx_runtime(path, inputs, threads, False),
        "openvino": lambda: openvino(path, inputs, threads),
        "ncnn": lambda: ncnn(path, inputs, threads),
        "ncnn-vulkan": lambda: ncnn(path, inputs, threads, adapter),
    }[engine]()
    got = numpy.array(run(), dtype="f4").ravel()
    if abs(got - expected).max() > AGREEMENT * abs(expected).max():
        sys.exit(f"{engine} computes something else")
    start = time.perf_counter()
    while time.perf_counter() - start < WARM_UP_S:
        run()
    times, start = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - start < secs:
        before = time.perf_counter_ns()
        run()
        times.append(time.perf_counter_ns() - before)
    print(statistics.median(times) / 1e6)


def ours(args, net):
    with tempfile.TemporaryDirectory() as out:
        device = ["gpu", "--adapter", args.adapter] if args.adapter else ["cpu", "--threads", args.threads]
        command = [args.probe, "--model", net, "--level", args.level, "--no-calibration", "--max-secs",
                   args.secs + WARM_UP_S, "--format", "json", "--out", out, "--device", *device]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return statistics.median(json.loads(done.stdout)["whole_ns"]) / 1e6


def other(args, net, engine):
    command = [sys.executable, __file__, "--one", engine, "--nets", args.nets, "--threads", args.threads, "--secs",
               args.secs, net] + (["--adapter", args.adapter] if args.adapter else [])
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    return float(done.stdout.split()[-1]) if done.returncode == 0 else None


def row(args, net):
    engines = GPU_ENGINES if args.adapter else ENGINES
    times = {engine: [] for engine in ["ours", *engines]}
    for _ in range(args.rounds):
        times["ours"].append(ours(args, net))
        for engine in engines:
            times[engine].append(other(args, net, engine))
    known = {e: statistics.median(t) for e, t in times.items() if None not in t}
    mine = known.pop("ours")
    ratios = [mine / min(known.values())] if known else [None]
    ratios.append(mine / known["ort-none"] if "ort-none" in known else None)
    cells = [f"{mine:.3f}"] + [f"{known[e]:.3f}" if e in known else "–" for e in engines]
    cells += [f"{r:.2f}" if r else "–" for r in ratios]
    print(f"| {net} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("net", nargs="+")
    parser.add_argument("--nets", type=pathlib.Path, required=True)
    parser.add_argument("--probe", default="target/release/probe")
    parser.add_argument("--level", default="folded")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--secs", type=float, default=1.0)
    parser.add_argument("--adapter", help="a GPU, by a part of its name")
    parser.add_argument("--one", choices=ENGINES + GPU_ENGINES, help=argparse.SUPPRESS)
    args = parser.parse_args()
    for net in args.net:
        if args.one:
            one(args.one, args.nets / f"{net}.onnx", args.threads, args.secs, args.adapter)
        else:
            row(args, net)


main()
