--- kohya's sd-scripts: train_network.py, and sdxl_train_network.py. Captions lie beside the photos.
-- It makes no class images.

local arguments = require "novita.server.trainers.arguments"
local refuse = require "novita.server.trainers.refuse"
local settings = require "novita.server.trainers.settings"

local SCRIPTS <const> = { sd15 = "train_network.py", sdxl = "sdxl_train_network.py" }
local BLOCKS <const> = { sd15 = 25, sdxl = 23 } -- of the U-Net
local NAME <const> = "model"

local FIELDS <const> = {
  { "base_path", "--pretrained_model_name_or_path" },
  { "dataset", "--dataset_config" },
  { "out", "--output_dir" },
  { "max_train_steps", "--max_train_steps" },
  { "learning_rate", "--learning_rate" },
  { "lr_scheduler", "--lr_scheduler" },
  { "lr_warmup_steps", "--lr_warmup_steps" },
  { "seed", "--seed" },
}
local U_NET <const> = { { "lora_r", "--network_dim" }, { "lora_alpha", "--network_alpha" } }
-- With a text encoder, these are its own; those of the U-Net are said for each of its blocks.
local TEXT_ENCODER <const> = { { "lora_text_encoder_r", "--network_dim" },
  { "lora_text_encoder_alpha", "--network_alpha" } }
local PRIOR <const> = { { "prior_loss_weight", "--prior_loss_weight" } }
local FIXED <const> = { "--output_name", NAME, "--save_model_as", "safetensors",
  "--save_precision", "fp16", "--mixed_precision", "fp16", "--network_module", "networks.lora",
  "--sdpa", "--gradient_checkpointing", "--cache_latents" }

---@type novita.server.Adapter
local kohya = { scripts = { sd15 = { SCRIPTS.sd15 }, sdxl = { SCRIPTS.sdxl } }, bar = "steps",
  models = { sd15 = NAME .. ".safetensors", sdxl = NAME .. ".safetensors" },
  captions_beside = true }

function kohya.refusal(job)
  return refuse.first(job, { refuse.sides_but(64), refuse.no_prompt, refuse.no_class_prompt,
    refuse.components })
end

-- {====== the data set ======

local ESCAPES <const> = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t" }

local function toml_string(text)
  return '"' .. text:gsub('[%c"\\\127]', function(c)
    return ESCAPES[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

local function subset(folder, prompt, more)
  local lines = { "[[datasets.subsets]]", "image_dir = " .. toml_string(folder) }
  if prompt and prompt ~= "" then
    lines[#lines + 1] = "class_tokens = " .. toml_string(prompt)
  end
  lines[#lines + 1] = more
  return table.concat(lines, "\n") .. "\n"
end

function kohya.files(job)
  local all = settings.of(job.body, job.paths)
  local parts = { ('[general]\ncaption_extension = ".txt"\n\n[[datasets]]\n'
    .. "resolution = [%d, %d]\nbatch_size = %d\n"):format(job.body.width, job.body.height,
    all.train_batch_size), subset(all.images, all.instance_prompt) }
  if all.with_prior_preservation then
    parts[3] = subset(all.class, all.class_prompt, "is_reg = true")
  end
  return { ["dataset.toml"] = table.concat(parts, "\n") }
end

-- }======

local function for_each_block(family, name, value)
  return ("%s=%s"):format(name, (tostring(value)):rep(BLOCKS[family], ","))
end

local function add_ranks(argv, job, all)
  if not all.train_text_encoder then
    arguments.add(argv, U_NET, all)
    argv[#argv + 1] = "--network_train_unet_only"
    return
  end
  arguments.add(argv, TEXT_ENCODER, all)
  table.move({ "--network_args", for_each_block(job.base.family, "block_dims", all.lora_r),
    for_each_block(job.base.family, "block_alphas", all.lora_alpha) }, 1, 3, #argv + 1, argv)
end

function kohya.commands(job)
  local all = settings.of(job.body, job.paths)
  all.dataset = job.folder .. "/dataset.toml"
  local argv = arguments.of_script(job, SCRIPTS[job.base.family])
  table.move(FIXED, 1, #FIXED, #argv + 1, argv)
  if job.base.family == "sdxl" then
    argv[#argv + 1] = "--no_half_vae"
  end
  arguments.add(argv, FIELDS, all)
  add_ranks(argv, job, all)
  if all.with_prior_preservation then
    arguments.add(argv, PRIOR, all)
  end
  return { arguments.finish(argv, job) }
end

return kohya
