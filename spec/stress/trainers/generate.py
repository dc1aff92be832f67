"""A generator by the contract in docs/server.md, with Diffusers: `generate.py FOLDER`."""

import json
import os
import sys

import diffusers
import torch


def main(folder):
    with open(folder + "/request.json", encoding="utf-8") as file:
        order = json.load(file)
    pipeline = diffusers.StableDiffusionPipeline.from_pretrained(order["base_path"],
                                                                 safety_checker=None)
    pipeline.scheduler = diffusers.EulerDiscreteScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    for lora in order["loras"]:
        pipeline.load_lora_weights(os.path.dirname(lora["path"]),
                                   weight_name=os.path.basename(lora["path"]))
    scale = {"scale": order["loras"][0]["strength"]} if order["loras"] else None
    count = order["image_num"]
    images = pipeline([order["prompt"]] * count, width=order["width"], height=order["height"],
                      num_inference_steps=order["steps"], cross_attention_kwargs=scale,
                      guidance_scale=order["guidance_scale"],
                      generator=[torch.Generator().manual_seed(order["seed"] + i)
                                 for i in range(count)]).images
    for i, image in enumerate(images):
        image.save(os.path.join(folder, "out", "%04d.png" % (i + 1)))
    os.write(3, b"progress 1/1\n")


main(sys.argv[1])
