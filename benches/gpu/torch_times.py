"""Networks of torchvision on a GPU: f32 without TF32, cuDNN's fastest algorithms, eagerly and as a CUDA graph.

python3 torch_times.py NET... prints a line of JSON a network, batch size and way to run it. Times are of CUDA
events round one run.
"""

import json
import sys

import torch
import torchvision

WARM_UP = 20
RUNS = 101


def times(run):
    """Median and all times of `run`, nanoseconds."""
    for _ in range(WARM_UP):
        run()
    taken = []
    for _ in range(RUNS):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        run()
        end.record()
        end.synchronize()
        taken.append(round(begin.elapsed_time(end) * 1e6))
    return sorted(taken)[len(taken) // 2], taken


def captured(run):
    """`run` as a CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def main(names):
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    for name in names:
        net = getattr(torchvision.models, name)(weights=None).eval().cuda()
        for batch in (1, 8):
            image = torch.randn(batch, 3, 224, 224, device="cuda")

            def run():
                net(image)

            with torch.inference_mode():
                for way, go in (("eager", run), ("graph", captured(run))):
                    median, taken = times(go)
                    row = {"model": name, "batch": batch, "way": way, "median_ns": median, "ns": taken}
                    row |= {"device": torch.cuda.get_device_name(), "torch": torch.__version__}
                    print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
