"""A denoiser of images of 16 x 16 pixels, its LoRA, and the file of that: what train.py and
generate.py have in common. One thread and seeds everywhere: the same input gives the same bytes."""

import json
import math
import os
import struct
import zlib

import torch
from PIL import Image, ImageOps

EDGE = 16
PIXELS = 3 * EDGE * EDGE
TIMES = 32  # values that say how noisy an image is
HIDDEN = 256
LAYERS = {"lora_unet_fc1": (PIXELS + TIMES, HIDDEN), "lora_unet_fc2": (HIDDEN, HIDDEN),
          "lora_unet_fc3": (HIDDEN, PIXELS)}

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


def generator(seed):
    """Random numbers that depend on nothing but the seed."""
    return torch.Generator().manual_seed(seed)


def read_image(path):
    """The middle of an image as a row of values from -1 to 1."""
    with Image.open(path) as file:
        small = ImageOps.fit(file.convert("RGB"), (EDGE, EDGE), Image.Resampling.BOX)
    return torch.tensor(list(small.tobytes()), dtype=torch.float32) / 127.5 - 1


def read_folder(folder):
    """All images of a folder as the rows of a matrix, in the order of their names."""
    names = sorted(n for n in os.listdir(folder)
                   if n.lower().endswith((".jpg", ".jpeg", ".png", ".webp")))
    return torch.stack([read_image(os.path.join(folder, n)) for n in names]) if names else None


def save_image(row, size, path):
    """A row of values as an image of that size."""
    values = ((row.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    small = Image.frombytes("RGB", (EDGE, EDGE), bytes(values.tolist()))
    small.resize(size, Image.Resampling.BICUBIC).save(path)


def distance(images, photos):
    """The mean distance of each image to the photo nearest to it: the root of the mean square of
    the differences of all values, where black is 0 and white 1."""
    differences = (images[:, None] - photos[None]) / 2
    return differences.square().mean(dim=2).sqrt().min(dim=1).values.mean().item()


class Lora(torch.nn.Module):
    """Two narrow matrices for each layer. It changes nothing before it is trained."""

    def __init__(self, rank, alpha, random):
        super().__init__()
        self.rank, self.alpha = rank, alpha
        self.down, self.up = torch.nn.ParameterDict(), torch.nn.ParameterDict()
        for name, (inputs, outputs) in LAYERS.items():
            down = torch.randn(rank, inputs, generator=random) / math.sqrt(inputs)
            self.down[name] = torch.nn.Parameter(down)
            self.up[name] = torch.nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, name, x):
        return x @ self.down[name].T @ self.up[name].T * (self.alpha / self.rank)


class Denoiser:
    """Frozen weights that depend on nothing but the name of the base model."""

    def __init__(self, base_path):
        random = generator(zlib.crc32(os.path.basename(base_path).encode()))
        self.weights = {name: torch.randn(outputs, inputs, generator=random) / math.sqrt(inputs)
                        for name, (inputs, outputs) in LAYERS.items()}
        self.loras = []  # pairs of a LoRA and its strength

    def layer(self, name, x):
        y = x @ self.weights[name].T
        for lora, strength in self.loras:
            y = y + strength * lora(name, x)
        return y

    def __call__(self, noisy, time):
        """What the images were before the noise; `time` is 0 for none, 1 for nothing but noise."""
        waves = time.expand(len(noisy), 1) * torch.arange(1, TIMES + 1)
        x = torch.cat([noisy, torch.cos(waves)], dim=1)
        x = torch.nn.functional.silu(self.layer("lora_unet_fc1", x))
        x = torch.nn.functional.silu(self.layer("lora_unet_fc2", x))
        return self.layer("lora_unet_fc3", x)


def add_noise(clean, noise, time):
    return torch.cos(time * math.pi / 2) * clean + torch.sin(time * math.pi / 2) * noise


def remove_noise(denoiser, noisy, start, steps):
    """Makes an image from one whose noise is that of the time `start`."""
    times = torch.linspace(start, 0, steps + 1)
    for now, later in zip(times[:-1], times[1:]):
        clean = denoiser(noisy, now.reshape(1, 1)).clamp(-1, 1)
        noise = (noisy - torch.cos(now * math.pi / 2) * clean) / torch.sin(now * math.pi / 2)
        noisy = add_noise(clean, noise, later)
    return noisy


def save_lora(lora, metadata, path):
    """Writes a safetensors file with the names of kohya's scripts."""
    header, parts, position = {"__metadata__": metadata}, [], 0
    for name in LAYERS:
        for part, tensor in ((".alpha", torch.tensor(float(lora.alpha))),
                             (".lora_down.weight", lora.down[name]),
                             (".lora_up.weight", lora.up[name])):
            data = tensor.detach().numpy().astype("<f4").tobytes()
            header[name + part] = {"dtype": "F32", "shape": list(tensor.shape),
                                   "data_offsets": [position, position + len(data)]}
            parts.append(data)
            position += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def load_lora(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()

    def tensor(name):
        first, end = header[name]["data_offsets"]
        values = torch.frombuffer(bytearray(data[first:end]), dtype=torch.float32)
        return values.reshape(header[name]["shape"])

    first = next(iter(LAYERS))
    lora = Lora(header[first + ".lora_down.weight"]["shape"][0],
                tensor(first + ".alpha").item(), generator(0))
    for name in LAYERS:
        lora.down[name] = torch.nn.Parameter(tensor(name + ".lora_down.weight"))
        lora.up[name] = torch.nn.Parameter(tensor(name + ".lora_up.weight"))
    return lora
