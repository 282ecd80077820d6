"""The peer of an evaluation: PyTorch reads the same files, makes the same input of them and runs the same network.

Reads a JSON task (files, size, batch, means, deviations), the names and shapes of the weights, and their float32 numbers;
writes the scores, and prints the seconds from the first file to the last score for each number of loading processes.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as functional
from PIL import Image
from torch.utils.data import DataLoader, Dataset


class Files(Dataset):
    """Brightness of each file at the network's size: the bilinear, antialiased resize that Pillow has, in floats."""

    def __init__(self, task):
        self.paths = task["files"]
        self.side = task["side"]
        self.mean = torch.tensor(task["mean"]).view(3, 1, 1)
        self.deviation = torch.tensor(task["deviation"]).view(3, 1, 1)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        pixels = np.asarray(Image.open(self.paths[i]).convert("L"), dtype=np.float32) / 255
        grey = torch.from_numpy(pixels)[None, None]
        size = (self.side, self.side)
        if tuple(grey.shape[2:]) != size:
            grey = functional.interpolate(grey, size=size, mode="bilinear", antialias=True)
        return (grey[0].expand(3, -1, -1) - self.mean) / self.deviation


class ResNet(torch.nn.Module):
    """A ResNet of basic blocks, by the names of its weights; batch norm at rest."""

    def __init__(self, weights, depths):
        super().__init__()
        self.weights = weights
        self.depths = depths

    def normed(self, x, conv, bn, stride, padding):
        w = self.weights
        x = functional.conv2d(x, w[f"{conv}.weight"], stride=stride, padding=padding)
        statistics = w[f"{bn}.running_mean"], w[f"{bn}.running_var"]
        return functional.batch_norm(x, *statistics, w[f"{bn}.weight"], w[f"{bn}.bias"], eps=1e-5)

    def forward(self, x):
        x = functional.relu(self.normed(x, "conv1", "bn1", 2, 3))
        x = functional.max_pool2d(x, 3, 2, 1)
        for stage, depth in enumerate(self.depths):
            for k in range(depth):
                name = f"layer{stage + 1}.{k}"
                stride = 2 if k == 0 and stage > 0 else 1
                y = functional.relu(self.normed(x, f"{name}.conv1", f"{name}.bn1", stride, 1))
                y = self.normed(y, f"{name}.conv2", f"{name}.bn2", 1, 1)
                if f"{name}.downsample.0.weight" in self.weights:
                    x = self.normed(x, f"{name}.downsample.0", f"{name}.downsample.1", stride, 0)
                x = functional.relu(x + y)
        return functional.linear(x.mean((2, 3)), self.weights["fc.weight"], self.weights["fc.bias"])


def main():
    folder = sys.argv[1]
    with open(f"{folder}/task.json", encoding="utf-8") as file:
        task = json.load(file)
    numbers = torch.from_numpy(np.fromfile(f"{folder}/weights.f32", dtype="<f4"))
    weights, at = {}, 0
    for name, shape in task["weights"]:
        count = int(np.prod(shape))
        weights[name] = numbers[at : at + count].view(*shape)
        at += count
    torch.set_num_threads(task["threads"])
    model = ResNet(weights, task["depths"]).eval()
    seconds = {}
    with torch.inference_mode():
        for workers in task["workers"]:
            loader = DataLoader(Files(task), batch_size=task["batch"], num_workers=workers)
            begun = time.perf_counter()
            scores = torch.cat([torch.softmax(model(batch), 1) for batch in loader])
            seconds[str(workers)] = time.perf_counter() - begun
    scores.numpy().astype("<f4").tofile(f"{folder}/scores.f32")
    print(json.dumps({"version": torch.__version__, "seconds": seconds}))


main()
