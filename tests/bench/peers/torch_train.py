"""The peer of training: PyTorch takes the same steps (forward, loss, backward, Adam) on the same weights and batch.

Reads FOLDER/task.json (the forward operations by name, which are called one after the other as any module would), the
weights and the batch as float32. Then answers lines: `train N` with the seconds of N steps and their losses, `infer N` with
the seconds of N forward passes at rest, both with the peak of resident memory. Single precision throughout, on CUDA too
where the task asks for that and it is here.
"""

import json
import resource
import sys
import time

import numpy as np
import torch
import torch.nn.functional as functional

folder = sys.argv[1]
with open(f"{folder}/task.json", encoding="utf-8") as file:
    task = json.load(file)
torch.set_num_threads(task["threads"])
torch.set_flush_denormal(True)
device = task["device"] if torch.cuda.is_available() else "cpu"
# Otherwise convolutions and products round their factors to 10 bits on CUDA.
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.benchmark = True
numbers = torch.from_numpy(np.fromfile(f"{folder}/weights.f32", dtype="<f4"))
weights, at = {}, 0
for each in task["weights"]:
    count = int(np.prod(each["shape"]))
    weights[each["name"]] = numbers[at : at + count].view(*each["shape"]).clone().to(device)
    at += count
parameters = [weights[name].requires_grad_(True) for name in task["parameters"]]
images = torch.from_numpy(np.fromfile(f"{folder}/images.f32", dtype="<f4")).view(*task["images"]["shape"]).to(device)
targets = torch.from_numpy(np.fromfile(f"{folder}/targets.f32", dtype="<f4")).view(-1, task["classes"]).argmax(1).to(device)
constants = {name: [int(v) if float(v).is_integer() else v for v in values] for name, values in task["constants"].items()}


def conv(i, a, training):
    bias = i[2] if len(i) > 2 else None
    return functional.conv2d(i[0], i[1], bias, a["strides"], a["pads"][:2], groups=a["group"])


def pool(op):
    return lambda i, a, training: op(i[0], a["kernel_shape"], a["strides"], a["pads"][:2])


operators = {
    "Conv": conv,
    "BatchNormalization": lambda i, a, training: functional.batch_norm(
        i[0], i[3], i[4], i[1], i[2], training=training, momentum=0.1, eps=a["epsilon"]
    ),
    "Relu": lambda i, a, training: functional.relu(i[0]),
    "Clip": lambda i, a, training: functional.hardtanh(i[0], *i[1:]),
    "Silu": lambda i, a, training: functional.silu(i[0]),
    "Sigmoid": lambda i, a, training: torch.sigmoid(i[0]),
    "Add": lambda i, a, training: i[0] + i[1],
    "Mul": lambda i, a, training: i[0] * i[1],
    "MaxPool": pool(functional.max_pool2d),
    "AveragePool": pool(functional.avg_pool2d),
    "ReduceMean": lambda i, a, training: i[0].mean(a["axes"], keepdim=bool(a["keepdims"])),
    "Concat": lambda i, a, training: torch.cat(i, a["axis"]),
    "Gemm": lambda i, a, training: functional.linear(*i),
    "Reshape": lambda i, a, training: i[0].reshape(i[1]),
}


def fused(nodes):
    """x * sigmoid(x) as the one operation that people call for it."""
    gates = {node["output"]: node for node in nodes if node["op"] == "Sigmoid"}
    silu = {
        node["output"]: {**node, "op": "Silu", "inputs": node["inputs"][:1]}
        for node in nodes
        if node["op"] == "Mul" and node["inputs"][1] in gates
        and gates[node["inputs"][1]]["inputs"][0] == node["inputs"][0]
    }
    spent = {node["inputs"][1] for node in nodes if node["output"] in silu}
    return [silu.get(node["output"], node) for node in nodes if node["output"] not in spent]


nodes = fused(task["nodes"])
last = {name: k for k, node in enumerate(nodes) for name in node["inputs"]}


def forward(training):
    values = {task["images"]["name"]: images}
    for k, node in enumerate(nodes):
        given = [values.get(n, weights.get(n, constants.get(n))) for n in node["inputs"]]
        given = [i[0] if isinstance(i, list) and node["op"] == "Clip" else i for i in given]
        values[node["output"]] = operators[node["op"]](given, node["attributes"], training)
        for name in node["inputs"]:  # as a module's variables go out of scope
            if last[name] == k:
                values.pop(name, None)
    return values[task["logits"]]


optimiser = torch.optim.Adam(parameters, lr=task["learningRate"])


def step():
    optimiser.zero_grad(set_to_none=True)
    loss = functional.cross_entropy(forward(True), targets)
    loss.backward()
    optimiser.step()
    return loss.item()


def rest():
    with torch.inference_mode():
        return forward(False).sum().item()


name = torch.cuda.get_device_name() if device == "cuda" else device
print(json.dumps({"version": torch.__version__, "device": name}), flush=True)
for line in sys.stdin:
    what, count = line.split()
    begun, used = time.perf_counter(), time.process_time()
    results = [step() if what == "train" else rest() for _ in range(int(count))]
    count = int(count)
    seconds, processor = (time.perf_counter() - begun) / count, (time.process_time() - used) / count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "processor": processor, "results": results, "peak": peak}), flush=True)
