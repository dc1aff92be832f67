"""Generates images with LoRAs of train.py: `python3 generate.py FOLDER`, see docs/server.md."""

import json
import os
import sys

import torch

import tiny


def start_of(order, seed):
    """Noise, or the noisy initial image; and how noisy it is."""
    noise = torch.randn(1, tiny.PIXELS, generator=tiny.generator(seed))
    if order["kind"] == "txt2img":
        return noise, 1.0
    strength = torch.tensor(float(order["strength"]))
    image = tiny.read_image(order["input"]).reshape(1, -1)
    return tiny.add_noise(image, noise, strength), strength.item()


def main(folder):
    with open(os.path.join(folder, "request.json"), encoding="utf-8") as file:
        order = json.load(file)
    print("note: this model reads no prompt")
    denoiser = tiny.Denoiser(order["base_path"])
    denoiser.loras = [(tiny.load_lora(lora["path"]), lora["strength"])
                      for lora in order["loras"]]
    for i in range(order["image_num"]):
        noisy, start = start_of(order, order["seed"] + i)
        with torch.no_grad():
            row = tiny.remove_noise(denoiser, noisy, start, order.get("steps", 20))
        tiny.save_image(row[0], (order["width"], order["height"]),
                          os.path.join(folder, "out", "%04d.png" % (i + 1)))
        os.write(3, b"progress %d/%d\n" % (i + 1, order["image_num"]))


main(sys.argv[1])
