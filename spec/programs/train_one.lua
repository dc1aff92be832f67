-- Trains one model and saves its file.

local novita = require "novita"

local client <close> = novita.client()

local task = client:train { task_type = "subject", name = "anna", images = "photos/anna",
  size = 512, base_model = "v1-5-pruned-emaonly", instance_prompt = "a photo of ohwx woman" }
local model = assert(novita.progress(task))
print(model, assert(model:save "anna.safetensors"))
