# One round of Pillow on raw pixels in memory.
#   python3 resample_pillow.py <pixels> <width> <height> <channels> <to width> <to height> <runs>
# For RGBA Pillow itself weights colours by alpha. Prints "bench resample pillow <ms>", the median.
import statistics
import sys
import time

import PIL
from PIL import Image

path, (width, height, channels, to_width, to_height, runs) = sys.argv[1], map(int, sys.argv[2:])
with open(path, "rb") as f:
    pixels = f.read(width * height * channels)
image = Image.frombytes("RGBA" if channels == 4 else "RGB", (width, height), pixels)
image.resize((to_width, to_height), Image.LANCZOS)
times = []
for _ in range(runs):
    start = time.process_time()
    image.resize((to_width, to_height), Image.LANCZOS)
    times.append((time.process_time() - start) * 1e3)
print("bench resample pillow %.4f" % statistics.median(times))
print("# Pillow", PIL.__version__, file=sys.stderr)
