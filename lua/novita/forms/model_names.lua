--- Names of models: the same one is written with its ending in one place and without in another.

local model_names = {}

local ending <const> = ".safetensors"

--- The name without ".safetensors".
---@param name string
---@return string
function model_names.stem(name)
  return name:sub(-#ending) == ending and name:sub(1, -#ending - 1) or name
end

--- The name of a LoRA as pictures are asked for with it. One that a training made is
-- model_<unix seconds>_<10 hex digits>.safetensors: the page's example keeps the ending, so it is
-- put back where a script left it out. Other names stay as they are.
---@param name any
---@return any
function model_names.of_lora(name)
  if type(name) == "string" and name:find "^model_%d+_%x%x%x%x%x%x%x%x%x%x$" then
    return name .. ending
  end
  return name
end

return model_names
