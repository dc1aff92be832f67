--- The image beside a model's file, where other programs look for it: anna-0a1b2c3d4e5f.png beside
--- anna-0a1b2c3d4e5f.safetensors. It is the first sample image, so it stays the same however many
--- are ordered; the sharpest one would not be the one that shows the person best.

local image = require "novita.image"
local names = require "novita.batch.models.names"
local small_file = require "novita.batch.models.small_file"

local cover = {}

local PNG <const> = "\137PNG\r\n\26\n"

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

local function png_of(path)
  local bytes = read(path)
  if not bytes or bytes:sub(1, #PNG) == PNG then
    return bytes
  end
  local decoded <close> = image.decode { bytes = bytes }
  return decoded and decoded:encode { format = "png" }
end

--- Saves the image beside a model. A sample that cannot be read has none.
---@param model_path string
---@param samples string[] paths
---@param loop novita.async.Loop
---@return true?
---@return novita.Error? err
function cover.save(model_path, samples, loop)
  local bytes = samples[1] and png_of(samples[1])
  if not bytes then
    return nil
  end
  return small_file(names.beside(model_path, ".png"), bytes, loop)
end

return cover
