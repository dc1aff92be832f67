--- The expert settings that subject and style trainings share. The service documents no defaults,
--- so a setting that a script omits is not sent.

local expert = {}

expert.training = {
  {
    name = "train_batch_size",
    type = "integer",
    min = 1,
    max = 4,
    unit = "images",
    doc = "Images per training step.",
  },
  {
    name = "learning_rate",
    type = "number",
    above = 0,
    values = { 1e-4, 1e-5, 1e-6, 2e-4, 5e-5 },
    open = true,
    doc = "How far each step moves the weights.",
  },
  {
    name = "max_train_steps",
    type = "integer",
    min = 1,
    unit = "steps",
    doc = "Steps over all images together: 2000 steps for 10 images are 200 each. 500 are enough "
      .. "for a person. auto: 200 for each image, at most 2000.",
  },
  {
    name = "seed",
    type = "integer",
    min = 1,
    doc = "The same seed, images and settings give the same model.",
  },
  {
    name = "lr_scheduler",
    type = "string",
    values = {
      "constant",
      "linear",
      "cosine",
      "cosine_with_restarts",
      "polynomial",
      "constant_with_warmup",
    },
    doc = "How the learning rate changes during the training.",
  },
  {
    name = "lr_warmup_steps",
    type = "integer",
    min = 0,
    unit = "steps",
    doc = "Steps in which the learning rate rises to its value. No effect with constant.",
  },
}

--- The two prompts, required for a subject training and optional for a style training.
---@param required boolean
---@return novita.Rule[]
function expert.prompts(required)
  return {
    {
      name = "instance_prompt",
      type = "string",
      noun = "an instance prompt",
      required = required,
      min = 1,
      doc = "Describes the images, with a rare word for the subject: "
        .. "a close photo of ohwx woman.",
    },
    {
      name = "class_prompt",
      type = "string",
      required = required,
      values = { "person" },
      expects = "\"person\", the only class of the service (leave it out for an animal or a thing)",
      default = required and "person" or nil,
      doc = "The class that the subject belongs to, for with_prior_preservation. Leave it out for "
        .. "an animal or a thing.",
    },
  }
end

local function rank(name, doc)
  return { name = name, type = "integer", min = 4, max = 128, doc = doc }
end

--- Settings that only the subject page documents.
---@param text_encoder_undocumented? boolean
---@return novita.Rule[]
function expert.network(text_encoder_undocumented)
  return {
    {
      name = "with_prior_preservation",
      type = "boolean",
      doc = "Preserves what the base model knows about the class while it learns the subject.",
    },
    {
      name = "prior_loss_weight",
      type = "number",
      above = 0,
      doc = "Weight of that prior relative to the subject.",
    },
    {
      name = "train_text_encoder",
      type = "boolean",
      undocumented = text_encoder_undocumented,
      doc = "Trains the text encoder too.",
    },
    rank("lora_r", "Rank of the LoRA matrices."),
    rank("lora_alpha", "Scale of the LoRA matrices."),
    rank("lora_text_encoder_r", "Rank of the text encoder's LoRA matrices."),
    rank("lora_text_encoder_alpha", "Scale of the text encoder's LoRA matrices."),
  }
end

local function joined(...)
  local all = {}
  for _, fields in ipairs { ... } do
    table.move(fields, 1, #fields, #all + 1, all)
  end
  return all
end

--- The field expert_setting.
---@param options { prompts_required: boolean, text_encoder_undocumented?: boolean }
---@return novita.Rule
function expert.setting(options)
  return {
    name = "expert_setting",
    type = "object",
    required = options.prompts_required,
    noun = "the expert settings",
    fields = joined(
      expert.training,
      expert.prompts(options.prompts_required),
      expert.network(options.text_encoder_undocumented)
    ),
    doc = "How the model is trained.",
  }
end

return expert
