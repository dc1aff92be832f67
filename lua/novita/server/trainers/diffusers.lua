--- Diffusers' examples/dreambooth/train_dreambooth_lora.py, and ..._sdxl.py. The alpha of its LoRA
-- is its rank, which is the same for the text encoder. Captions for SDXL only.

local add = require("novita.server.trainers.arguments").add
local arguments = require "novita.server.trainers.arguments"
local json = require "novita.json"
local refuse = require "novita.server.trainers.refuse"
local settings = require "novita.server.trainers.settings"

local SCRIPTS <const> = { sd15 = "train_dreambooth_lora.py",
  sdxl = "train_dreambooth_lora_sdxl.py" }

local FIELDS <const> = {
  { "base_path", "--pretrained_model_name_or_path" },
  { "out", "--output_dir" },
  { "instance_prompt", "--instance_prompt" },
  { "width", "--resolution" },
  { "rank", "--rank" },
  { "train_batch_size", "--train_batch_size" },
  { "max_train_steps", "--max_train_steps" },
  { "learning_rate", "--learning_rate" },
  { "lr_scheduler", "--lr_scheduler" },
  { "lr_warmup_steps", "--lr_warmup_steps" },
  { "seed", "--seed" },
  { "train_text_encoder", "--train_text_encoder" },
}
local PHOTOS <const> = { { "images", "--instance_data_dir" } }
local CAPTIONED <const> = { { "images", "--dataset_name" }, { "column", "--caption_column" } }
local PRIOR <const> = {
  { "with_prior_preservation", "--with_prior_preservation" },
  { "class", "--class_data_dir" },
  { "class_prompt", "--class_prompt" },
  { "class_images", "--num_class_images" },
  { "prior_loss_weight", "--prior_loss_weight" },
}

---@type novita.server.Adapter
local diffusers = { scripts = { sd15 = { SCRIPTS.sd15 }, sdxl = { SCRIPTS.sdxl } }, bar = "Steps",
  models = { sd15 = "pytorch_lora_weights.safetensors",
    sdxl = "pytorch_lora_weights_kohya.safetensors" }, makes_class_images = true }

local function captions(job)
  return job.base.family ~= "sdxl" and refuse.captions(job) or nil
end

local function rank_of(expert)
  return expert.lora_r or expert.lora_alpha or 8
end

local function ranks(job)
  local expert = job.body.expert_setting or {}
  local rank = rank_of(expert)
  local names = { "lora_alpha" }
  if expert.train_text_encoder then
    names = { "lora_alpha", "lora_text_encoder_r", "lora_text_encoder_alpha" }
  end
  for _, name in ipairs(names) do
    if expert[name] and expert[name] ~= rank then
      return ("%s must be lora_r (%d), got %d: the trainer has one number for all of them"):format(
        name, rank, expert[name])
    end
  end
end

function diffusers.refusal(job)
  return refuse.first(job, { refuse.not_square, refuse.sides_but(8), captions, refuse.no_prompt,
    refuse.no_class_prompt, refuse.components, ranks })
end

local COLUMN <const> = "text"

--- Captions, for the data set of a folder: the photos without one have the prompt.
function diffusers.files(job)
  if job.captions == 0 then
    return {}
  end
  local lines = {}
  for i, photo in ipairs(job.photos) do
    lines[i] = json.encode { file_name = ("%04d.%s"):format(i, photo.extension),
      [COLUMN] = photo.caption or job.body.expert_setting.instance_prompt } .. "\n"
  end
  return { ["images/metadata.jsonl"] = table.concat(lines) }
end

function diffusers.commands(job)
  local all = settings.of(job.body, job.paths)
  all.rank, all.column = rank_of(job.body.expert_setting or {}), COLUMN
  all.instance_prompt = all.instance_prompt or job.body.image_dataset_items[1].caption
  local argv = arguments.of_script(job, SCRIPTS[job.base.family])
  table.move({ "--center_crop", "--report_to", "tensorboard", "--mixed_precision", "fp16",
    "--checkpointing_steps", tostring(all.max_train_steps + 1) }, 1, 7, #argv + 1, argv)
  if job.base.family == "sdxl" then
    argv[#argv + 1] = "--output_kohya_format"
  end
  add(argv, job.captions > 0 and CAPTIONED or PHOTOS, all)
  add(argv, FIELDS, all)
  if all.with_prior_preservation then
    add(argv, PRIOR, all)
  end
  return { arguments.finish(argv, job) }
end

return diffusers
