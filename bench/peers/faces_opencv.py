# Finds faces with the cascades of OpenCV, with the parameters of the examples.
#   python3 faces_opencv.py <file> ...
# Photos are read upright and reduced to 640 pixels, since a cascade's time grows with the pixels.
# Prints "<haar|lbp> <number of the file, from 1> <x> <y> <width> <height>" for each face, in pixels
# of the photo, and "bench faces <haar|lbp>_ms <median>".
import os
import statistics
import sys
import time

import cv2

SIDE = 640
FOLDER = "/usr/share/opencv4"
CASCADES = {
    "haar": "haarcascades/haarcascade_frontalface_default.xml",
    "lbp": "lbpcascades/lbpcascade_frontalface_improved.xml",
}


def load(name):
    path = os.path.join(FOLDER, CASCADES[name])
    cascade = cv2.CascadeClassifier(path)
    if cascade.empty():
        sys.exit("cannot read " + path + ": apt-get install opencv-data")
    return cascade


cv2.setNumThreads(1)
cascades = {name: load(name) for name in CASCADES}
times = {name: [] for name in CASCADES}
for number, path in enumerate(sys.argv[1:], 1):
    gray = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    scale = max(gray.shape) / SIDE
    if scale > 1:
        size = (round(gray.shape[1] / scale), round(gray.shape[0] / scale))
        gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    scale = max(scale, 1)
    gray = cv2.equalizeHist(gray)
    for name, cascade in cascades.items():
        start = time.perf_counter()
        found = cascade.detectMultiScale(gray, scaleFactor=1.1, minNeighbors=5)
        times[name].append((time.perf_counter() - start) * 1e3)
        for box in found:
            print(name, number, *(v * scale for v in box))
for name, list_ in times.items():
    print("bench faces %s_ms %.4f" % (name, statistics.median(list_)))
