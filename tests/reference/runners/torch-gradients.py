"""Gradients of a graph by PyTorch's autograd in double precision: the referee of compute/onnx/gradients.

Usage: torch-gradients.py FOLDER [single]   (double precision unless told otherwise)
FOLDER/graph.json holds the forward operations in order: {constants: {name: {shape, type, data}}, inputs: {name: shape},
nodes: [{op, inputs, outputs, attributes}], loss, parameters: [names]}; FOLDER/feeds.bin the inputs as float32 in that
order. Writes FOLDER/gradients.bin: loss, then the gradient of each parameter, float64.
Where a rectifier, a clip or a maximum lies within rounding of its bend, single and double precision may take different
sides, and a single such element moves the gradients by a thousandth. FOLDER/taken.bin therefore holds, for each name in
`taken` in order, the float32 values that decided there, and the same sides are taken here: the function that is
differentiated is then the same on both sides.
Only the meaning of the single operators is taken from ONNX here; how they combine and what their gradients are is
PyTorch's own.
"""
import json
import sys

import numpy as np
import torch
import torch.nn.functional as F

folder = sys.argv[1]
precision = torch.float32 if sys.argv[2:] == ["single"] else torch.float64
with open(f"{folder}/graph.json") as file:
    graph = json.load(file)
feeds = np.fromfile(f"{folder}/feeds.bin", dtype="<f4")
values = {}
place = 0
for name, shape in graph["inputs"].items():
    size = int(np.prod(shape))
    values[name] = torch.from_numpy(feeds[place : place + size].astype(np.float64)).to(precision).reshape(shape)
    place += size
taken_values = np.fromfile(f"{folder}/taken.bin", dtype="<f4")
taken = {}
place = 0
for name, shape in graph["taken"].items():
    size = int(np.prod(shape))
    taken[name] = torch.from_numpy(taken_values[place : place + size].astype(np.float64)).to(precision).reshape(shape)
    place += size
for name in graph["parameters"]:
    values[name].requires_grad_(True)
for name, constant in graph["constants"].items():
    kind = torch.int64 if constant["type"] == "int64" else precision
    values[name] = torch.tensor(constant["data"], dtype=kind).reshape(constant["shape"])


def ints(tensor):
    return [int(value) for value in tensor]


def pool(x, a, op):
    pads = a.get("pads", [0, 0, 0, 0])
    assert pads[0] == pads[2] and pads[1] == pads[3]
    return op(x, a["kernel_shape"], stride=a.get("strides", 1), padding=(pads[0], pads[1]))


def reduce(x, a, op):
    return op(x, tuple(a["axes"]), keepdim=bool(a.get("keepdims", 1)))


def conv(i, a):
    pads = a.get("pads", [0, 0, 0, 0])
    assert pads[0] == pads[2] and pads[1] == pads[3]
    return F.conv2d(
        *i, stride=a.get("strides", 1), padding=(pads[0], pads[1]), dilation=a.get("dilations", 1), groups=a.get("group", 1)
    )


def relu(i, a, node):
    return i[0] * (taken[node["outputs"][0]] > 0)


def clip(i, a, node):
    low, high, y = float(i[1]), float(i[2]), taken[node["outputs"][0]]
    return torch.where(y <= low, torch.full_like(y, low), torch.where(y >= high, torch.full_like(y, high), i[0]))


def max_pool(i, a, node):
    decided = taken[node["inputs"][0]]
    _, indices = pool(decided, a, lambda *args, **more: F.max_pool2d(*args, **more, return_indices=True))
    return i[0].flatten(2).gather(2, indices.flatten(2)).reshape(indices.shape)


bent = {"Relu": relu, "Clip": clip, "MaxPool": max_pool}
operators = {
    "Add": lambda i, a: i[0] + i[1],
    "Sub": lambda i, a: i[0] - i[1],
    "Mul": lambda i, a: i[0] * i[1],
    "Div": lambda i, a: i[0] / i[1],
    "Neg": lambda i, a: -i[0],
    "Exp": lambda i, a: i[0].exp(),
    "Log": lambda i, a: i[0].log(),
    "Sqrt": lambda i, a: i[0].sqrt(),
    "Reciprocal": lambda i, a: i[0].reciprocal(),
    "Sigmoid": lambda i, a: i[0].sigmoid(),
    "Conv": conv,
    "Softplus": lambda i, a: torch.logaddexp(i[0], torch.zeros((), dtype=precision)),
    "AveragePool": lambda i, a: pool(
        i[0], a, lambda *args, **more: F.avg_pool2d(*args, **more, count_include_pad=bool(a.get("count_include_pad", 0)))
    ),
    # Written out: the operator at rest, whose statistics are its inputs and carry gradients here.
    "BatchNormalization": lambda i, a: (i[0] - i[3].reshape(1, -1, 1, 1))
    / (i[4].reshape(1, -1, 1, 1) + a["epsilon"]).sqrt()
    * i[1].reshape(1, -1, 1, 1)
    + i[2].reshape(1, -1, 1, 1),
    "ReduceMean": lambda i, a: reduce(i[0], a, torch.mean),
    "ReduceSum": lambda i, a: torch.sum(i[0], tuple(ints(i[1])), keepdim=bool(a.get("keepdims", 1))),
    "ReduceLogSumExp": lambda i, a: reduce(i[0], a, torch.logsumexp),
    "Gemm": lambda i, a: i[0] @ (i[1].T if a.get("transB") else i[1]) + (i[2] if len(i) > 2 else 0),
    "MatMul": lambda i, a: i[0] @ i[1],
    "Reshape": lambda i, a: i[0].reshape(ints(i[1])),
    "Concat": lambda i, a: torch.cat(i, a["axis"]),
}
for node in graph["nodes"]:
    given = [values[name] for name in node["inputs"]]
    if node["op"] in bent:
        result = bent[node["op"]](given, node["attributes"], node)
    else:
        result = operators[node["op"]](given, node["attributes"])
    values[node["outputs"][0]] = result
loss = values[graph["loss"]]
loss.backward()
parts = [loss.detach().reshape(1)] + [values[name].grad.reshape(-1) for name in graph["parameters"]]
torch.cat(parts).double().numpy().astype("<f8").tofile(f"{folder}/gradients.bin")
