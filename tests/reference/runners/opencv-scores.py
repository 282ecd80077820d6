"""Scores of a model by OpenCV's own reader and kernels: a stranger to onnxruntime.

Usage: opencv-scores.py FOLDER N,PLANES,ROWS,COLS
FOLDER/model.onnx and FOLDER/images.f32 (float32 of that shape) go in, FOLDER/scores.f32 comes out.
"""
import sys

import cv2
import numpy as np

folder, shape = sys.argv[1], [int(size) for size in sys.argv[2].split(",")]
net = cv2.dnn.readNetFromONNX(f"{folder}/model.onnx")
net.setInput(np.fromfile(f"{folder}/images.f32", dtype="<f4").reshape(shape))
net.forward().astype("<f4").tofile(f"{folder}/scores.f32")
