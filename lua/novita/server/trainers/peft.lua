--- PEFT's examples/lora_dreambooth/train_dreambooth.py: the script that the fields of the service
-- are named after. SD 1.5, square images, one prompt for all of them.

local add = require("novita.server.trainers.arguments").add
local arguments = require "novita.server.trainers.arguments"
local refuse = require "novita.server.trainers.refuse"
local settings = require "novita.server.trainers.settings"

local SCRIPT <const> = "train_dreambooth.py"
local CONVERTER <const> = "convert_peft_sd_lora_to_kohya_ss.py"

local FIELDS <const> = {
  { "base_path", "--pretrained_model_name_or_path" },
  { "images", "--instance_data_dir" },
  { "out", "--output_dir" },
  { "instance_prompt", "--instance_prompt" },
  { "width", "--resolution" },
  { "lora_r", "--lora_r" },
  { "lora_alpha", "--lora_alpha" },
  { "train_batch_size", "--train_batch_size" },
  { "max_train_steps", "--max_train_steps" },
  { "learning_rate", "--learning_rate" },
  { "lr_scheduler", "--lr_scheduler" },
  { "lr_warmup_steps", "--lr_warmup_steps" },
  { "seed", "--seed" },
}
local TEXT_ENCODER <const> = {
  { "train_text_encoder", "--train_text_encoder" },
  { "lora_text_encoder_r", "--lora_text_encoder_r" },
  { "lora_text_encoder_alpha", "--lora_text_encoder_alpha" },
}
local PRIOR <const> = {
  { "with_prior_preservation", "--with_prior_preservation" },
  { "class", "--class_data_dir" },
  { "class_prompt", "--class_prompt" },
  { "class_images", "--num_class_images" },
  { "prior_loss_weight", "--prior_loss_weight" },
}
local CONVERSION <const> = {
  { "base_path", "--sd_checkpoint" },
  { "out", "--peft_lora_path" },
  { "dump_path", "--dump_path" },
}

---@type novita.server.Adapter
local peft = { scripts = { sd15 = { SCRIPT, CONVERTER } }, bar = "Steps",
  models = { sd15 = "model.safetensors" }, makes_class_images = true }

function peft.refusal(job)
  return refuse.first(job, { refuse.sdxl, refuse.not_square, refuse.sides_but(8),
    refuse.captions, refuse.no_prompt,
    refuse.no_class_prompt, refuse.components })
end

local function train(job, all)
  local argv = arguments.of_script(job, SCRIPT)
  table.move({ "--use_lora", "--no_tracemalloc", "--center_crop", "--report_to", "tensorboard",
    "--mixed_precision", "fp16", "--checkpointing_steps", tostring(all.max_train_steps + 1) },
    1, 9, #argv + 1, argv)
  add(argv, FIELDS, all)
  if all.train_text_encoder then
    add(argv, TEXT_ENCODER, all)
  end
  if all.with_prior_preservation then
    add(argv, PRIOR, all)
  end
  return arguments.finish(argv, job)
end

local function convert(job, all)
  local argv = arguments.of_script(job, CONVERTER)
  add(argv, CONVERSION, all)
  argv[#argv + 1] = "--half"
  return argv
end

function peft.commands(job)
  local all = settings.of(job.body, job.paths)
  all.dump_path = all.out .. "/" .. peft.models.sd15
  return { train(job, all), convert(job, all) }
end

return peft
