"""Makes a Stable Diffusion pipeline of the right shape and some megabytes: `miniature.py FOLDER`.

Its weights are random, so its images are noise; a LoRA that was trained on it changes them."""

import json
import os
import sys

import diffusers
import torch
import transformers

START, END = "<|startoftext|>", "<|endoftext|>"


def tokenizer(folder):
    """One token for each character."""
    letters = [chr(code) for code in range(33, 127)]
    words = sorted(letters + [letter + "</w>" for letter in letters]) + [START, END]
    with open(folder + "/vocab.json", "w", encoding="utf-8") as file:
        json.dump({word: number for number, word in enumerate(words)}, file)
    with open(folder + "/merges.txt", "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n")
    return transformers.CLIPTokenizer(folder + "/vocab.json", folder + "/merges.txt",
                                      model_max_length=77)


def text_encoder(tokens):
    end = tokens.convert_tokens_to_ids(END)
    return transformers.CLIPTextModel(transformers.CLIPTextConfig(
        hidden_size=32, intermediate_size=64, num_attention_heads=4, num_hidden_layers=2,
        vocab_size=len(tokens), bos_token_id=end - 1, eos_token_id=end, pad_token_id=end))


def main(folder):
    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(0)
    tokens = tokenizer(folder)
    pipeline = diffusers.StableDiffusionPipeline(
        unet=diffusers.UNet2DConditionModel(
            block_out_channels=(32, 64), layers_per_block=1, sample_size=8,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=32, attention_head_dim=8, norm_num_groups=8),
        vae=diffusers.AutoencoderKL(
            block_out_channels=[32, 64], latent_channels=4, norm_num_groups=8,
            down_block_types=["DownEncoderBlock2D"] * 2, up_block_types=["UpDecoderBlock2D"] * 2),
        text_encoder=text_encoder(tokens), tokenizer=tokens,
        scheduler=diffusers.DDPMScheduler(beta_schedule="scaled_linear", beta_start=0.00085,
                                          beta_end=0.012, clip_sample=False, steps_offset=1),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    pipeline.save_pretrained(folder)


main(sys.argv[1])
