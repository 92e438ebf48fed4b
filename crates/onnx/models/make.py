#!/usr/bin/env python3
"""Makes ONNX files as exporters write them, and `expected.json`: what is true of each.

    pip install torch torchvision timm onnx onnxruntime onnxscript
    python make.py                         # the small networks that are committed here
    python make.py OUT resnet18 mobilenet_v2 timm/ghostnet_100      # networks of torchvision and timm

Element i of the inputs (row-major, one behind the other) is splitmix64's i-th output (state 0): its top 24 bits over
2^23, less 1.
Weights are seeded; running statistics are those of that input. Multiply-adds are weight elements times
output positions (of a transposed convolution, input positions). Parameters are those of the network, but for batch
norms that the exporter folded.
"""
import json, math, os, sys, warnings
import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import helper, numpy_helper

warnings.filterwarnings("ignore")


def drawn(shape):
    with np.errstate(over="ignore"):
        z = np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)).reshape(shape)


# ---------------------------------------------------------------- small networks

def conv(i, o, k=3, s=1, g=1, act=nn.ReLU):
    return nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(o), act())


class Head(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.fc = nn.Linear(c, 10)

    def forward(self, x):
        return self.fc(x.mean((2, 3)))


class Shuffle(nn.Module):
    """A unit of ShuffleNetV2: chunk, concat, channel shuffle."""

    def __init__(self):
        super().__init__()
        self.stem, self.head = conv(3, 16, s=2), Head(16)
        self.branch = nn.Sequential(conv(8, 8, 1), conv(8, 8, g=8, act=nn.Identity), conv(8, 8, 1))

    def forward(self, x):
        a, b = self.stem(x).chunk(2, 1)
        x = torch.cat([a, self.branch(b)], 1)
        n, c, h, w = x.shape
        x = x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)
        return self.head(x)


class Excite(nn.Module):
    """A block of MobileNetV3, its excitation by linear operators between reshapes."""

    def __init__(self):
        super().__init__()
        self.stem, self.dw = conv(3, 16, s=2, act=nn.Hardswish), conv(16, 16, 5, g=16, act=nn.SiLU)
        self.down, self.up = nn.Linear(16, 4), nn.Linear(4, 16)
        self.end, self.head = conv(16, 16, 1, act=nn.ReLU6), nn.Linear(16, 10)

    def forward(self, x):
        x = y = self.dw(self.stem(x))
        s = F.adaptive_avg_pool2d(x, 1).view(x.size(0), -1)
        s = F.hardsigmoid(self.up(F.relu(self.down(s)))).view(x.size(0), -1, 1, 1)
        y = self.end(x * s.expand_as(x)) + y
        return self.head(F.dropout(F.adaptive_avg_pool2d(y, 1).flatten(1), 0.2, self.training))


class Dense(nn.Module):
    """Batch norms before convolutions, concats, pools of every kind."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, 2, 3)
        self.norm, self.grow = nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1)
        self.last, self.head = nn.BatchNorm2d(16), nn.Linear(16 * 5 * 5, 10)

    def forward(self, x):
        x = F.max_pool2d(self.stem(x), 3, 2, 1, ceil_mode=True)
        x = torch.cat([x, self.grow(F.relu(self.norm(x)))], 1)
        x = F.avg_pool2d(x, 2, 2, 1, count_include_pad=False) + F.avg_pool2d(F.pad(x, (1, 1, 1, 1)), 2, 2)
        return self.head(F.relu(self.last(x)).view(x.size(0), -1))


class ByHand(nn.Module):
    """Activations spelled out, numbers that change nothing, a gate, scores of channels and pixels."""

    def __init__(self):
        super().__init__()
        self.stem, self.mid = conv(3, 12, s=2, act=nn.Tanh), nn.Conv2d(12, 12, 3, padding=0, groups=3)
        self.scores, self.head = nn.Conv2d(2, 1, 1), nn.Linear(12, 10, bias=False)

    def forward(self, x):
        x = self.stem(x) * 1.0 + 0.0
        x = x * F.relu6(x + 3) / 6
        x = self.mid(F.pad(x, (1, 1, 1, 1)))
        x = x * torch.sigmoid(x) * 0.5
        g = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        g = torch.sigmoid(self.scores(g))
        x = x * g + (1 - torch.sigmoid(x)) * x.clamp(min=0)
        return torch.softmax(self.head(x.amax((2, 3))) + 0.25 * self.head(x.mean((2, 3))), 1)


class Parts(nn.Module):
    """Slices and splits of channels, zero channels appended, dilation, strides that differ."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 12, (3, 5), (2, 1), (1, 2))
        self.a, self.b = nn.Conv2d(4, 6, 3, padding=2, dilation=2), nn.Conv2d(5, 6, 1)
        self.head = Head(20)

    def forward(self, x):
        x = F.relu(self.stem(x))
        a, b, c = x.split([4, 5, 3], 1)
        x = torch.cat([self.a(a), self.b(b) + self.a(x[:, -4:]), c, F.pad(c, (0, 0, 0, 0, 0, 2))], 1)
        return self.head(x)


class Respond(nn.Module):
    """The start of AlexNet: local response norm."""

    def __init__(self):
        super().__init__()
        self.stem, self.norm, self.head = nn.Conv2d(3, 12, 5, 2), nn.LocalResponseNorm(5, 1e-2, k=2.0), Head(12)

    def forward(self, x):
        return self.head(F.max_pool2d(self.norm(F.relu(self.stem(x))), 3, 2, ceil_mode=True))


class Upscale(nn.Module):
    """A small U-Net: transposed convolutions, resizing of every kind, a pixel shuffle, a skip connection."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1)
        self.up = nn.ConvTranspose2d(8, 6, 3, 2, 1, output_padding=1, groups=2)
        self.mix, self.end = nn.Conv2d(14, 12, 1), nn.Conv2d(3, 10, 1)

    def forward(self, x):
        a = F.leaky_relu(self.a(x), 0.1)
        b = F.elu(self.b(a))
        x = F.gelu(self.mix(torch.cat([F.interpolate(F.relu(self.up(b)), size=a.shape[2:]), a], 1)))
        x = F.interpolate(x, scale_factor=2.0, mode="bilinear") + F.interpolate(x, scale_factor=2.0, mode="nearest")
        x = F.pixel_shuffle(F.interpolate(x, size=(5, 7), mode="bilinear", align_corners=True), 2)
        return self.end(x).mean((2, 3))


class Modern(nn.Module):
    """A block of ConvNeXt, and norms over groups and maps."""

    def __init__(self):
        super().__init__()
        self.stem, self.dw = nn.Conv2d(3, 12, 4, 4), nn.Conv2d(12, 12, 7, padding=3, groups=12)
        self.norm, self.wide, self.narrow = nn.LayerNorm(12, eps=1e-6), nn.Linear(12, 48), nn.Linear(48, 12)
        self.scale = nn.Parameter(torch.full((12,), 0.3))
        self.group, self.instance = nn.GroupNorm(3, 12), nn.InstanceNorm2d(12, affine=True)
        self.prelu, self.head = nn.PReLU(12), nn.Linear(12, 10)

    def forward(self, x):
        x = self.stem(x)
        y = self.narrow(F.gelu(self.wide(self.norm(self.dw(x).permute(0, 2, 3, 1))), approximate="tanh"))
        x = x + (self.scale * y).permute(0, 3, 1, 2)
        x = F.mish(self.prelu(self.instance(self.group(x))))
        return F.log_softmax(self.head(x.mean((2, 3))), 1)


class Tokens(nn.Module):
    """Tokens mixed as MLP-Mixer and gMLP mix them, then as a sequence with windows, scores and reductions."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 12, 4, 4)
        self.norms = nn.ModuleList(nn.LayerNorm(12) for _ in range(3))
        self.mix = nn.Sequential(nn.Linear(16, 8), nn.GELU(), nn.Linear(8, 16))
        self.wide, self.over, self.narrow = nn.Linear(12, 24), nn.Linear(16, 16), nn.Linear(12, 12)
        self.row = nn.Conv1d(12, 12, 3, padding=1, groups=12)
        self.fc = nn.Linear(12, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = x + self.mix(self.norms[0](x).transpose(1, 2)).transpose(1, 2)
        a, b = F.gelu(self.wide(self.norms[1](x))).chunk(2, -1)
        x = x + self.narrow(a * self.over(b.transpose(1, 2)).transpose(1, 2))
        x = F.max_pool1d(F.relu(self.row(self.norms[2](x).transpose(1, 2))), 2)
        x = x * F.softmax(x, 2) + x.amin(2, keepdim=True)
        return self.fc(x.flip(1).sum(2))


class Frames(nn.Module):
    """Padding of every kind, by side too, crops, pixels to channels, flips."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 6, 3, 2), nn.Conv2d(6, 6, 3, padding=1, padding_mode="reflect")
        self.end = nn.Conv2d(48, 10, 3, padding=1, padding_mode="replicate")

    def forward(self, x):
        x = F.softplus(self.a(F.pad(x, (0, 1, 0, 1))))
        x = self.b(F.pad(x, (2, 0, 1, 3), value=0.5))[:, :, 1:-1, 2:-1]
        x = torch.cat([x, x.flip(1)], 1)
        x = F.max_pool2d(F.pad(x, (0, 1, 1, 0), value=-1.0), 2, 1)
        return self.end(F.pixel_unshuffle(x[..., :12, :12], 2)).amax((2, 3))


class Masked(nn.Module):
    """An image, a mask of one channel, a row of features that scales channels."""

    def __init__(self):
        super().__init__()
        self.stem, self.mix = conv(3, 12, s=2), nn.Conv2d(13, 12, 3, padding=1)
        self.gate, self.head = nn.Linear(5, 12), Head(12)

    def forward(self, image, mask, row):
        x = self.stem(image)
        x = F.relu(self.mix(torch.cat([x, F.avg_pool2d(mask, 2)], 1)))
        return self.head(x * torch.sigmoid(self.gate(row))[:, :, None, None])


class Twins(nn.Module):
    """One network over two images, compared; a sequence from outside is added."""

    def __init__(self):
        super().__init__()
        self.stem, self.down = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1)
        self.head = nn.Linear(16, 10)

    def forward(self, a, b, state):
        a, b = [F.relu(self.down(F.relu(self.stem(x)))).mean((2, 3)) for x in (a, b)]
        state = state.unsqueeze(2).mean((2, 3))
        return self.head(torch.cat([(a - b).abs() + state, a * b], 1))


class Arithmetic(nn.Module):
    """Numbers and constants on either side, a position map, coordinate attention, powers, a generalised mean."""

    def __init__(self):
        super().__init__()
        self.stem, self.head = nn.Conv2d(3, 8, 3, 2, 1), nn.Linear(8, 10)
        self.position, self.limit = nn.Parameter(torch.randn(1, 8, 10, 12)), nn.Parameter(torch.rand(8, 1, 1) + 1)
        self.column = nn.Parameter(torch.rand(10, 1) + 0.5)

    def forward(self, x):
        x = self.stem(x)[:, :, :10] + self.position
        x = x * torch.sigmoid(F.adaptive_avg_pool2d(x, (None, 1)) + F.adaptive_avg_pool2d(x, (1, None)))
        x = self.limit - x * self.column * torch.tanh(2.5 - x)
        x = torch.maximum(torch.maximum(x, torch.tanh(x)), 0.5 * x) / (3 / (1 + x**2))
        x = x * torch.sigmoid(1.5 * x) + torch.log(x.abs() + 0.1) - x.mean((2, 3), keepdim=True).amax(1, keepdim=True)
        return self.head(x.clamp(min=0.01).pow(3).mean((2, 3)).pow(1 / 3))


# name → network, inputs (one of three channels by its side), how it is exported
SMALL = {
    "shuffle_script": (Shuffle, 32, dict(opset=17)),
    "shuffle_script_free_batch": (Shuffle, 32, dict(opset=13, free={0: "batch"})),
    "shuffle_plain": (Shuffle, 32, dict(plain=True)),
    "excite_script": (Excite, 32, dict(opset=13)),
    "excite_script_free": (Excite, 32, dict(opset=17, free={0: "batch", 2: "height", 3: "width"})),
    "excite_dynamo": (Excite, 32, dict(dynamo=18)),
    "dense_script_norms": (Dense, 33, dict(opset=17, norms=True)),
    "dense_dynamo": (Dense, 33, dict(dynamo=20)),
    "by_hand_script": (ByHand, 24, dict(opset=11)),
    "by_hand_dynamo": (ByHand, 24, dict(dynamo=20)),
    "parts_script_typed": (Parts, 24, dict(opset=17, typed=True)),
    "parts_dynamo": (Parts, 24, dict(dynamo=18)),
    "respond_script": (Respond, 24, dict(opset=17)),
    "respond_script_free_batch": (Respond, 24, dict(opset=13, free={0: "batch"})),
    "respond_dynamo": (Respond, 24, dict(dynamo=18)),
    "upscale_script": (Upscale, 32, dict(opset=17)),
    "upscale_dynamo": (Upscale, 32, dict(dynamo=20)),
    "modern_script": (Modern, 32, dict(opset=17)),
    "modern_dynamo": (Modern, 32, dict(dynamo=20)),
    "frames_script": (Frames, 30, dict(opset=17)),
    "frames_dynamo": (Frames, 30, dict(dynamo=18)),
    "masked_script_free": (
        Masked,
        [(1, 3, 24, 24), (1, 1, 24, 24), (1, 5)],
        dict(opset=17, free={0: "batch", 2: "height", 3: "width"}),
    ),
    "twins_dynamo": (Twins, [(2, 3, 24, 20), (2, 3, 24, 20), (2, 8, 6)], dict(dynamo=18)),
    "arithmetic_script": (Arithmetic, 24, dict(opset=17)),
    "arithmetic_dynamo": (Arithmetic, 24, dict(dynamo=20)),
    "tokens_script": (Tokens, 16, dict(opset=13)),
    "tokens_dynamo": (Tokens, 16, dict(dynamo=20)),
}


def network(name):
    if name in SMALL:
        build, size, how = SMALL[name]
        return build(), size, how
    if name.startswith("timm/"):
        import timm
        return timm.create_model(name[5:], pretrained=False), 224, dict(plain=True)
    import torchvision
    return torchvision.models.get_model(name, weights=None), 224, dict(plain=True)


def liven(net, xs):
    """Weights that a wrong reader cannot get away with, and statistics as they are for such inputs."""
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    with torch.no_grad():
        for m in norms:
            m.weight.uniform_(0.5, 1.5)
            m.bias.uniform_(-0.3, 0.3)
            m.momentum = None
            m.train()
        net(*xs)
    net.eval()


# ---------------------------------------------------------------- files

def export(net, xs, path, opset=17, free=None, norms=False, plain=False, dynamo=None, typed=False):
    inputs = ["input", "input2", "input3"][: len(xs)]
    names = dict(input_names=inputs, output_names=["output"])
    if plain:
        torch.onnx.export(net, xs, path, verbose=False)
    elif dynamo:
        torch.onnx.export(net, xs, path, dynamo=True, opset_version=dynamo, external_data=False, verbose=False)
    else:
        mode = torch.onnx.TrainingMode.PRESERVE if norms else torch.onnx.TrainingMode.EVAL
        free_of = lambda x: {axis: word for axis, word in free.items() if axis < x.dim()}
        axes = {name: free_of(x) for name, x in zip(inputs, xs)} if free else None
        torch.onnx.export(net, xs, path, dynamo=False, opset_version=opset, training=mode, dynamic_axes=axes, **names)
    if typed:
        rewrite(path)


def rewrite(path):
    """Weights as lists of numbers, as `Constant` and `Identity` nodes, and as inputs."""
    model = onnx.load(path)
    graph, kept = model.graph, []
    for i, tensor in enumerate(graph.initializer):
        values = numpy_helper.to_array(tensor)
        listed = helper.make_tensor(tensor.name, tensor.data_type, values.shape, values.flatten().tolist())
        if i == 0:
            graph.node.insert(0, helper.make_node("Constant", [], [tensor.name], value=listed))
            continue
        if i == 1:
            listed.name += ".source"
            graph.node.insert(0, helper.make_node("Identity", [listed.name], [tensor.name]))
        graph.input.append(helper.make_tensor_value_info(listed.name, listed.data_type, values.shape))
        kept.append(listed)
    del graph.initializer[:]
    graph.initializer.extend(kept)
    onnx.save(model, path)


def counts(path, xs):
    """Parameters and multiply-adds of a file, shapes as ONNX Runtime finds them."""
    model = onnx.load(path)
    made = {o for n in model.graph.node for o in n.output}
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    for n in model.graph.node:
        if n.op_type == "Constant" and n.attribute[0].name == "value":
            constants[n.output[0]] = numpy_helper.to_array(n.attribute[0].t)
        if n.op_type == "Identity" and n.input[0] in constants:
            constants[n.output[0]] = constants[n.input[0]]
    products = [n for n in model.graph.node if n.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul")]
    asked = [n.input[0] if n.op_type == "ConvTranspose" else n.output[0] for n in products]
    present = {o.name for o in model.graph.output}
    model.graph.output.extend(helper.make_empty_tensor_value_info(a) for a in asked if a not in present)
    feed = dict(zip([i.name for i in model.graph.input if i.name not in constants], xs))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    folder = os.path.dirname(os.path.abspath(path))
    probe = os.path.join(folder, ".probe.onnx")
    onnx.save(model, probe)
    try:
        shapes = [y.shape for y in onnxruntime.InferenceSession(probe, options).run(asked, feed)]
    finally:
        os.remove(probe)
    mul_adds = 0
    for n, shape in zip(products, shapes):
        weight = constants[n.input[1]]
        maps = n.op_type.startswith("Conv")
        mul_adds += weight.size * (math.prod(shape[2:]) * shape[0] if maps else math.prod(shape[:-1]))
    params = {}
    for n in model.graph.node:
        named = {"Conv": (1, 2), "Gemm": (1, 2), "MatMul": (1,), "BatchNormalization": (1, 2)}.get(n.op_type, ())
        # What `Identity` makes of a constant is that constant.
        params |= {id(constants[n.input[i]]): constants[n.input[i]].size for i in named if i < len(n.input)}
    return sum(params.values()), mul_adds


def main(out, names):
    os.makedirs(out, exist_ok=True)
    expected = []
    for seed, name in enumerate(names):
        torch.manual_seed(seed)
        net, size, how = network(name)
        shapes = size if isinstance(size, list) else [(1, 3, size, size)]
        elements = drawn((sum(map(math.prod, shapes)),))
        parts = np.split(elements, np.cumsum([math.prod(shape) for shape in shapes])[:-1])
        feed = [part.reshape(shape) for part, shape in zip(parts, shapes)]
        xs = tuple(map(torch.from_numpy, feed))
        liven(net, xs)
        file = name.replace("/", "_") + ".onnx"
        path = os.path.join(out, file)
        export(net, xs, path, **how)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(path, options)
        y = session.run(None, {i.name: x for i, x in zip(session.get_inputs(), feed)})[0]
        assert np.abs(y - net(*xs).detach().numpy()).max() < 1e-4 * np.abs(y).max(), name
        params, mul_adds = counts(path, feed)
        if not any(isinstance(m, nn.BatchNorm2d) for m in net.modules()):
            params = sum(p.numel() for p in net.parameters())
        truth = dict(file=file, input=shapes[0], params=params, mul_adds=mul_adds)
        truth |= dict(output=[float(v) for v in y.flatten()[:10]], largest=float(np.abs(y).max()))
        expected.append(truth)
        print(name, os.path.getsize(path))
    with open(os.path.join(out, "expected.json"), "w") as f:
        json.dump(expected, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    main(sys.argv[1] if len(sys.argv) > 1 else here, sys.argv[2:] or list(SMALL))
