--- Names of models, which the service writes with the file extension in some places and without it
--- in others.

local model_names = {}

local ending <const> = ".safetensors"

--- The name without ".safetensors".
---@param name string
---@return string
function model_names.stem(name)
  return name:sub(-#ending) == ending and name:sub(1, -#ending - 1) or name
end

--- The name of a LoRA in a request for images. A trained LoRA is called model_<unix seconds>_<10
-- hex digits>.safetensors. The page's example keeps the extension, so it is added if a script omits
-- it. Other names do not change.
---@param name any
---@return any
function model_names.of_lora(name)
  if type(name) == "string" and name:find "^model_%d+_%x%x%x%x%x%x%x%x%x%x$" then
    return name .. ending
  end
  return name
end

return model_names
