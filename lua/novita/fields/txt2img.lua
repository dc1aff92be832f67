--- The field request of POST /v3/async/txt2img.

local function side(name, low, high, default, doc)
  return {
    name = name,
    type = "integer",
    required = true,
    min = low,
    max = high,
    default = default,
    unit = "pixels",
    doc = doc,
  }
end

local function prompt(name, noun, required, doc)
  return {
    name = name,
    type = "string",
    noun = noun,
    required = required,
    min = 1,
    max = 1024,
    unit = "characters",
    doc = doc,
  }
end

local function model_name(doc)
  return { name = "model_name", type = "string", required = true, min = 1, doc = doc }
end

local function strength(doc)
  return { name = "strength", type = "number", required = true, min = 0, max = 1, doc = doc }
end

local loras = {
  name = "loras",
  type = "list",
  soft_max = 5,
  items = {
    type = "object",
    noun = "a LoRA",
    fields = {
      model_name "Name of the LoRA: for a trained one, the training's model_name.",
      strength "How strongly it is applied. The training page's example uses 0.7.",
    },
  },
  doc = "LoRAs to apply. Their base model must be of the checkpoint's family.",
}

local embeddings = {
  name = "embeddings",
  type = "list",
  soft_max = 5,
  items = {
    type = "object",
    noun = "an embedding",
    fields = { model_name "Name of the textual inversion." },
  },
  doc = "Textual inversions to load.",
}

local hires_fix = {
  name = "hires_fix",
  type = "object",
  noun = "hires_fix",
  fields = {
    side("target_width", 128, 4096, nil, "Width after upscaling."),
    side("target_height", 128, 4096, nil, "Height after upscaling."),
    strength "How much the second pass may change.",
    {
      name = "upscaler",
      type = "string",
      values = { "RealESRGAN_x4plus_anime_6B", "RealESRNet_x4plus", "Latent" },
      doc = "Model that enlarges the image.",
    },
  },
  doc = "Generates a small image first, then enlarges and refines it.",
}

local refiner = {
  name = "refiner",
  type = "object",
  noun = "refiner",
  fields = {
    {
      name = "switch_at",
      type = "number",
      min = 0,
      max = 1,
      doc = "Share of the steps after which the refiner takes over.",
    },
  },
  doc = "SDXL's refiner.",
}

return {
  type = "object",
  noun = "a txt2img request",
  page = "Text to Image",
  fields = {
    model_name "The checkpoint's file name (sd_name of Get Model), with .safetensors.",
    prompt("prompt", "a prompt", true, "Describes the image."),
    prompt("negative_prompt", "a negative prompt", nil, "Describes what the image must not show."),
    side("width", 128, 2048, 512, "Width of the image."),
    side("height", 128, 2048, 512, "Height of the image."),
    {
      name = "image_num",
      type = "integer",
      required = true,
      min = 1,
      soft_max = 8,
      default = 1,
      unit = "images",
      doc = "Number of images to generate.",
    },
    {
      name = "steps",
      type = "integer",
      required = true,
      min = 1,
      max = 100,
      default = 20,
      unit = "steps",
      doc = "Denoising steps.",
    },
    {
      name = "guidance_scale",
      type = "number",
      required = true,
      min = 1,
      max = 30,
      default = 7.5,
      doc = "How closely the image follows the prompt.",
    },
    {
      name = "sampler_name",
      type = "string",
      required = true,
      values = require "novita.fields.samplers",
      default = "DPM++ 2M Karras",
      doc = "The sampler.",
    },
    {
      name = "seed",
      type = "integer",
      min = -1,
      doc = "The same seed and request give the same image. -1, the default, is random.",
    },
    loras,
    embeddings,
    {
      name = "sd_vae",
      type = "string",
      doc = "File name of a VAE that replaces the checkpoint's own.",
    },
    {
      name = "clip_skip",
      type = "integer",
      min = 1,
      max = 12,
      page = "Image to Image",
      doc = "Number of the text encoder's last layers to skip. The range is img2img's.",
    },
    hires_fix,
    refiner,
    {
      name = "enable_transparent_background",
      type = "boolean",
      doc = "A transparent background. SDXL checkpoints and png only.",
    },
    { name = "restore_faces", type = "boolean", doc = "Restores faces afterwards." },
  },
}
