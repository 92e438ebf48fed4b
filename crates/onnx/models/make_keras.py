#!/usr/bin/env python3
"""Makes ONNX files as tf2onnx writes them of Keras networks, channels last, and `keras/expected.json`: what is true
of each. `make.py` does the same for PyTorch.

    pip install tensorflow-cpu tf2onnx onnx onnxruntime
    python make_keras.py                   # the small networks that are committed here
    python make_keras.py OUT MobileNetV2 ResNet50      # networks of keras.applications

Input and output stand in `expected.json` with channels first. Input elements are those of `make.py`. Weights are
seeded. Parameters are all constants of several elements that something is computed with: the exporter folds batch
norms. Multiply-adds are weight elements times output positions (of a transposed convolution, input positions).
"""
import json, math, os, sys
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
import numpy as np
import onnx
import onnxruntime
import keras
import tensorflow as tf
import tf2onnx
from keras import Input, Model, layers as L
from onnx import helper, numpy_helper


def drawn(shape):
    with np.errstate(over="ignore"):
        z = np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)).reshape(shape)


# ---------------------------------------------------------------- small networks

class Call(L.Layer):
    """A function of TensorFlow's as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def call(self, x):
        return self.function(x)


def conv(x, channels, kernel=3, stride=1, act="relu"):
    x = L.Conv2D(channels, kernel, stride, padding="same", use_bias=False)(x)
    return L.Activation(act)(L.BatchNormalization()(x))


def mobile(x):
    """A block of MobileNetV3: scaled input, padding by side, excitation by dense layers."""
    x = conv(L.Rescaling(1 / 127.5, -1.0)(x), 12, stride=2, act="hard_swish")
    y = L.ZeroPadding2D(((0, 2), (1, 2)))(x)
    y = L.ReLU(6.0)(L.BatchNormalization()(L.DepthwiseConv2D(3, use_bias=False)(y)))[:, :, :16]
    s = L.Dense(12, "hard_sigmoid")(L.Dense(4, "relu")(L.GlobalAveragePooling2D()(y)))
    y = L.Conv2D(12, 1)(L.Multiply()([y, L.Reshape((1, 1, 12))(s)]))
    x = L.AveragePooling2D(3, 2, padding="same")(L.Add()([x, y]))
    return L.Dense(10, "softmax")(L.GlobalMaxPooling2D()(L.SeparableConv2D(16, 3, depth_multiplier=2)(x)))


def unet(x):
    """A small U-Net: repeated and interpolated pixels, transposed convolutions, classes of each pixel."""
    a = conv(x, 6)
    b = conv(L.MaxPooling2D()(a), 8)
    c = conv(L.MaxPooling2D(3, 2, padding="same")(b), 12)
    y = L.Concatenate()([L.Conv2DTranspose(8, 3, 2, padding="same")(c), b])
    y = L.Concatenate()([L.UpSampling2D()(conv(y, 8, 1)), a])
    y = L.UpSampling2D((1, 2), interpolation="bilinear")(L.LeakyReLU(0.1)(conv(y, 6, act="linear")))
    return L.Conv2D(5, 1, activation="softmax")(y)


def mixed(x):
    """Halves of the channels, and the shuffle behind them."""
    a, b = tf.split(x, 2, -1)
    n, h, w, c = x.shape
    x = tf.reshape(tf.concat([b, tf.tanh(a)], -1), [-1, h, w, 2, c // 2])
    return tf.reshape(tf.transpose(x, [0, 1, 2, 4, 3]), [-1, h, w, c])


def every_second(x):
    return tf.concat([x[:, i::2, j::2] for j in (0, 1) for i in (0, 1)], -1)


def shuffle(x):
    """A channel shuffle, a slice of each second pixel, padding by reflection, features in the order of pixels."""
    x = conv(Call(mixed)(conv(Call(every_second)(x), 8)), 8, stride=2)
    x = Call(lambda x: tf.pad(x, [[0, 0], [1, 2], [1, 1], [0, 0]], "REFLECT"))(x)
    x = L.BatchNormalization()(L.ReLU()(L.Flatten()(L.Cropping2D(((1, 0), (0, 1)))(x))))
    return L.Dense(10)(x)


def norms(x):
    """A block of ConvNeXt, norms over groups and maps, a gate of each pixel."""
    x = L.LayerNormalization(epsilon=1e-6)(L.Conv2D(12, 4, 4)(x))
    y = L.LayerNormalization(center=False)(L.DepthwiseConv2D(5, padding="same")(x))
    y = L.Dense(12)(L.Dense(24, "swish")(y)) * np.linspace(0.1, 0.9, 12, dtype=np.float32)
    x = L.GroupNormalization(-1)(L.GroupNormalization(3)(L.Add()([x, y])))
    return x * L.Conv2D(1, 1, activation="sigmoid")(x)


def digits(x):
    """A map of one channel, and a dense layer of its features; a decoder behind it."""
    x = L.MaxPooling2D()(L.Conv2D(6, 3, activation="relu")(x))
    x = L.Dense(3 * 3 * 4, "relu")(L.Dropout(0.5)(L.Flatten()(x)))
    return L.Conv2DTranspose(2, 4, 2, padding="same")(L.Reshape((3, 3, 4))(x))


# name → network, height, width and channels of its input, operator set, axes of the input that are free
SMALL = {
    "mobile": (mobile, (32, 32, 3), 17, [0]),
    "unet": (unet, (24, 16, 3), 13, []),
    "shuffle": (shuffle, (16, 16, 3), 15, []),
    "norms": (norms, (32, 32, 3), 18, [0]),
    "digits": (digits, (14, 14, 1), 15, [0, 1, 2]),
}


def network(name):
    if name in SMALL:
        build, size, opset, free = SMALL[name]
        x = Input(size)
        return Model(x, build(x)), opset, free
    return getattr(keras.applications, name)(weights=None, input_shape=(96, 96, 3)), 15, [0]


def liven(net):
    """Weights that a wrong reader cannot get away with."""
    rng = np.random.default_rng(0)
    for layer in net._flatten_layers():
        if isinstance(layer, L.Normalization):
            # As constants: the exporter takes others for inputs.
            layer.mean, layer.variance = np.asarray(layer.mean), np.asarray(layer.variance)
        for w in layer._trainable_variables + layer._non_trainable_variables:
            if w.name in ("gamma", "moving_variance"):
                w.assign(rng.uniform(0.7, 1.3, w.shape))
            elif w.name in ("beta", "bias", "moving_mean"):
                w.assign(rng.uniform(-0.2, 0.3, w.shape))


# ---------------------------------------------------------------- files

def export(net, path, opset, free):
    shape = [1, *net.inputs[0].shape[1:]]
    shape = [None if axis in free else length for axis, length in enumerate(shape)]
    signature = [tf.TensorSpec(shape, tf.float32, name="input")]
    function = tf.function(lambda x: net(x, training=False), input_signature=signature)
    tf2onnx.convert.from_function(function, signature, opset=opset, output_path=path)


def run(model, names, x):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return session.run(names, {session.get_inputs()[0].name: x})


def counts(path, x):
    """Parameters and multiply-adds of a file, shapes as ONNX Runtime finds them."""
    model = onnx.load(path)
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    products = [n for n in model.graph.node if n.op_type in ("Conv", "ConvTranspose", "Gemm", "MatMul")]
    asked = [n.input[0] if n.op_type == "ConvTranspose" else n.output[0] for n in products]
    present = {o.name for o in model.graph.output}
    model.graph.output.extend(helper.make_empty_tensor_value_info(a) for a in set(asked) - present)
    mul_adds = 0
    for n, y in zip(products, run(model, asked, x) if asked else []):
        positions = y.size // y.shape[1 if n.op_type.startswith("Conv") else -1]
        mul_adds += constants[n.input[1]].size * positions
    params = {}
    for n in model.graph.node:
        last = 3 if n.op_type == "BatchNormalization" else len(n.input)
        for name in n.input[:last] if n.op_type not in ("Resize", "Pad", "Clip") else []:
            if name in constants and constants[name].dtype == np.float32 and constants[name].size > 1:
                params[name] = constants[name].size
            elif name in constants and n.op_type.startswith("Conv"):
                params[name] = 1
    return sum(params.values()), mul_adds


def channels_first(y):
    return y.transpose(0, 3, 1, 2) if y.ndim == 4 else y


def main(out, names):
    os.makedirs(out, exist_ok=True)
    expected = []
    for name in names:
        keras.utils.set_random_seed(7)
        net, opset, free = network(name)
        liven(net)
        path = os.path.join(out, name + ".onnx")
        export(net, path, opset, free)
        h, w, c = net.inputs[0].shape[1:]
        x = np.ascontiguousarray(drawn((1, c, h, w)).transpose(0, 2, 3, 1))
        y = run(onnx.load(path), None, x)[0]
        assert np.abs(y - net(x, training=False)).max() < 1e-4 * np.abs(y).max(), name
        params, mul_adds = counts(path, x)
        y = channels_first(y)
        truth = dict(file=name + ".onnx", input=[1, c, h, w], params=params, mul_adds=mul_adds)
        truth |= dict(output=[float(v) for v in y.flatten()[:10]], largest=float(np.abs(y).max()))
        expected.append(truth)
        print(name, os.path.getsize(path))
    with open(os.path.join(out, "expected.json"), "w") as f:
        json.dump(expected, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")
    main(sys.argv[1] if len(sys.argv) > 1 else here, sys.argv[2:] or list(SMALL))
