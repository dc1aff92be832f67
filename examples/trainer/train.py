"""Trains a LoRA on the photos of a task: `python3 train.py TASKDIR`, see docs/server.md."""

import json
import math
import os
import sys
import time

import torch

import tiny

# So small a model learns little at the rates and with the batches that suit a large one.
RATE, BATCH = 100, 64


def rate_factor(scheduler, step, warmup, steps):
    """The part of the learning rate that a step has."""
    if scheduler != "constant" and step < warmup:
        return (step + 1) / warmup
    rest = (steps - step) / max(1, steps - warmup)
    if scheduler in ("linear", "polynomial"):
        return rest
    if scheduler in ("cosine", "cosine_with_restarts"):
        return (1 - math.cos(math.pi * rest)) / 2
    return 1


class Bar:
    """A bar like that of tqdm."""

    def __init__(self, total):
        self.total, self.began, self.shown = total, time.monotonic(), 0

    def show(self, done, loss):
        now = time.monotonic()
        if now - self.shown < 0.1 and done < self.total and math.isfinite(loss):
            return
        self.shown, took = now, now - self.began
        left, tenths = took / done * (self.total - done), done * 10 // self.total
        print("\rSteps: %3d%%|%-10s| %d/%d [%02d:%02d<%02d:%02d, %.2fit/s, loss=%.4f]" % (
            done * 100 // self.total, "#" * tenths, done, self.total, *divmod(int(took), 60),
            *divmod(int(left), 60), done / max(took, 1e-9), loss), end="", file=sys.stderr,
            flush=True)


def loss_of(denoiser, images, count, random):
    """How wrong the model is about some of the images."""
    clean = images[torch.randint(len(images), (count,), generator=random)]
    noise = torch.randn(clean.shape, generator=random)
    times = torch.rand(count, 1, generator=random)
    return (denoiser(tiny.add_noise(clean, noise, times), times) - clean).square().mean()


def train(denoiser, lora, photos, others, options):
    """`others` are the class images, or None."""
    rate, steps = options["learning_rate"] * RATE, options["max_train_steps"]
    count = BATCH * options["train_batch_size"]
    random = tiny.generator(options["seed"] + 1)
    optimizer = torch.optim.Adam(lora.parameters(), lr=rate)
    bar = Bar(steps)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * rate_factor(options["lr_scheduler"], step,
                                             options["lr_warmup_steps"], steps)
        loss = loss_of(denoiser, photos, count, random)
        if others is not None:
            loss = loss + options["prior_loss_weight"] * loss_of(denoiser, others, count, random)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        bar.show(step + 1, loss.item())
        if not math.isfinite(loss.item()):
            sys.exit("\nthe loss is not a number: try a lower learning rate")
    print(file=sys.stderr)


def metadata_of(params, options, photos):
    """Nothing that differs from one run to the next, such as a time."""
    facts = {
        "ss_network_module": "networks.lora", "ss_network_dim": options["lora_r"],
        "ss_network_alpha": options["lora_alpha"], "ss_base_model_version": "tiny",
        "ss_sd_model_name": os.path.basename(params["base_path"]),
        "ss_steps": options["max_train_steps"], "ss_max_train_steps": options["max_train_steps"],
        "ss_seed": options["seed"], "ss_learning_rate": options["learning_rate"],
        "ss_lr_scheduler": options["lr_scheduler"],
        "ss_lr_warmup_steps": options["lr_warmup_steps"],
        "ss_batch_size_per_device": options["train_batch_size"],
        "ss_num_train_images": len(photos),
    }
    return {name: str(value) for name, value in facts.items()}


def options_of(params):
    """What was asked for, with a value for everything else."""
    return {"max_train_steps": 500, "seed": 1, "learning_rate": 1e-4, "train_batch_size": 1,
            "lr_scheduler": "cosine", "lr_warmup_steps": 0, "lora_r": 8, "lora_alpha": 8,
            "with_prior_preservation": False, "prior_loss_weight": 1.0,
            **params.get("expert_setting", {})}


def main(folder):
    with open(os.path.join(folder, "params.json"), encoding="utf-8") as file:
        params = json.load(file)
    options = options_of(params)
    if options.get("train_text_encoder"):
        print("note: this model has no text encoder, so none is trained")
    photos = tiny.read_folder(os.path.join(folder, "images"))
    others = None
    if options["with_prior_preservation"]:
        others = tiny.read_folder(os.path.join(folder, "class"))
        if others is None:
            sys.exit("prior preservation needs images in class/")
    denoiser = tiny.Denoiser(params["base_path"])
    lora = tiny.Lora(options["lora_r"], options["lora_alpha"], tiny.generator(options["seed"]))
    denoiser.loras = [(lora, 1.0)]
    train(denoiser, lora, photos, others, options)
    tiny.save_lora(lora, metadata_of(params, options, photos),
                   os.path.join(folder, "out", "model.safetensors"))


main(sys.argv[1])
