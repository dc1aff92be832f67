"""Prints how far images are from the photos of a folder: `python3 distance.py FOLDER IMAGE...`."""

import sys

import torch

import tiny

images = torch.stack([tiny.read_image(path) for path in sys.argv[2:]])
print("%.3f" % tiny.distance(images, tiny.read_folder(sys.argv[1])))
