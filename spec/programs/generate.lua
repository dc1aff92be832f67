-- Generates two images with a trained model.  usage: generate.lua MODEL

local novita = require "novita"

local client <close> = novita.client()

local images = assert(client:generate({
  model_name = "realisticVisionV51_v51VAE_94301.safetensors", prompt = "ohwx woman",
  size = 512, image_num = 2, loras = { { model_name = arg[1], strength = 0.7 } } }):wait())
for i, image in ipairs(images) do
  assert(image:save(i .. "." .. image.image_type))
end
