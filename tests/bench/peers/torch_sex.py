"""The peer of a cross-validated training: PyTorch trains the same small network by the same recipe on the same folds.

Reads a JSON task (files, targets, fold of each image, recipe, threads), trains once a fold on the other folds, writes the
held-out scores of the second class as float32, and prints the seconds of all folds together as JSON.
"""

import json
import math
import sys
import time

import numpy as np
import torch
import torch.nn.functional as functional
from PIL import Image
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        same = stride == 1 and inputs == width
        down = nn.Conv2d(inputs, width, 1, stride, bias=False)
        self.down = nn.Identity() if same else nn.Sequential(down, nn.BatchNorm2d(width))

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.down(x))


def small_cnn():
    widths = [(16, 16, 1), (16, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1)]
    stem = [nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 2)]
    network = nn.Sequential(*stem, *(Block(*each) for each in widths), *head)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    return network


def augmented(images, rotation, zoom, flip):
    """Each image mirrored, turned and scaled by chance, black around it."""
    n = len(images)
    angle = (torch.rand(n) * 2 - 1) * rotation * math.pi / 180
    scale = 1 / (1 + (torch.rand(n) * 2 - 1) * zoom)
    side = torch.where(torch.rand(n) < flip, -1.0, 1.0)
    matrix = torch.zeros(n, 2, 3)
    matrix[:, 0, 0] = angle.cos() * scale * side
    matrix[:, 0, 1] = -angle.sin() * scale
    matrix[:, 1, 0] = angle.sin() * scale * side
    matrix[:, 1, 1] = angle.cos() * scale
    grid = functional.affine_grid(matrix, images.shape, align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def train(pixels, targets, recipe, seed):
    """A network after all epochs; pixels are brightness from 0 to 1, [n, 1, rows, cols]."""
    torch.manual_seed(seed)
    network = small_cnn()
    optimiser = torch.optim.AdamW(network.parameters(), recipe["learningRate"], weight_decay=recipe["weightDecay"])
    steps = len(pixels) // recipe["batch"]
    last = steps * recipe["epochs"]
    for epoch in range(recipe["epochs"]):
        order = torch.randperm(len(pixels))
        for step in range(steps):
            done = epoch * steps + step
            for group in optimiser.param_groups:
                group["lr"] = recipe["learningRate"] * 0.5 * (1 + math.cos(math.pi * done / last))
            chosen = order[step * recipe["batch"] : (step + 1) * recipe["batch"]]
            images = augmented(pixels[chosen], recipe["rotation"], recipe["zoom"], recipe["flip"])
            logits = network((images - 0.5) / 0.25)
            loss = functional.cross_entropy(logits, targets[chosen], label_smoothing=recipe["labelSmoothing"])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return network.eval()


def main(task_path, scores_path):
    with open(task_path, encoding="utf8") as file:
        task = json.load(file)
    torch.set_num_threads(task["threads"])
    pixels = [np.asarray(Image.open(path).convert("L"), dtype=np.float32) / 255 for path in task["files"]]
    pixels = torch.from_numpy(np.stack(pixels))[:, None]
    targets = torch.tensor(task["targets"])
    folds = torch.tensor(task["folds"])
    scores = torch.zeros(len(pixels))
    begun = time.perf_counter()
    for fold in sorted(set(task["folds"])):
        network = train(pixels[folds != fold], targets[folds != fold], task["recipe"], task["seed"] + fold)
        with torch.no_grad():
            held_out = network((pixels[folds == fold] - 0.5) / 0.25).softmax(1)[:, 1]
        scores[folds == fold] = held_out
    seconds = time.perf_counter() - begun
    scores.numpy().astype("<f4").tofile(scores_path)
    print(json.dumps({"seconds": seconds}))


main(sys.argv[1], sys.argv[2])
