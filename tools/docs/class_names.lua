--- The names of the classes that tools/docs/classes.lua writes, and what params accept besides the
-- fields of a body.

local class_names = {}

-- Classes of tables inside of tables, by the field that holds them.
class_names.nested = {
  image_dataset_items = "TrainingImage",
  components = "Component",
  args = "ComponentArgument",
  expert_setting = "ExpertSetting",
  loras = "Lora",
  embeddings = "Embedding",
  hires_fix = "HiresFix",
  refiner = "Refiner",
  controlnet = "ControlNet",
  units = "ControlNetUnit",
  ip_adapters = "IpAdapter",
  webhook = "Webhook",
  test_mode = "WebhookTestMode",
  custom_storage = "CustomStorage",
  aws_s3 = "S3Storage",
  enterprise_plan = "EnterprisePlan",
  request = "Request",
  extra = "Extra",
}

-- Those that differ between the bodies, and those that differ between params and bodies.
class_names.of_kind = { expert_setting = true, request = true }
class_names.of_body = { loras = true, embeddings = true, controlnet = true, units = true,
  ip_adapters = true }

-- Aliases of long lists of values, by field.
class_names.aliases = { base_model = "BaseModel", sampler_name = "Sampler",
  lr_scheduler = "LrScheduler" }

local photos = require("novita.fields.training_shorthands")[2] -- images

-- Params accept more than the field of the body that they become.
class_names.wider = {
  ["novita.Lora.model_name"] = { type = "string|novita.Model" },
  ["novita.Lora.strength"] = { default = 1 },
  ["novita.Embedding.model_name"] = { type = "string|novita.Model" },
}
for _, class in ipairs { "novita.SubjectParams.", "novita.StyleParams." } do
  class_names.wider[class .. "max_train_steps"] = { type = 'integer|"auto"' }
  class_names.wider[class .. "image_dataset_items"] = { type = photos.annotation }
end

-- Tables in params that have a shorthand too.
local image = require("novita.fields.img2img_shorthands")[1]
class_names.also = { ["novita.ControlNetUnit"] = { image }, ["novita.IpAdapter"] = { image } }

return class_names
