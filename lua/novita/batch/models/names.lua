--- Names of files that a batch saves: a job's name for people, and a hash that makes the name
--- unique. So nothing is overwritten, and a run that continues finds what the last one has saved.

local core = require "novita.core"
local generated_file = require "novita.dataset.generated_file"
local lfs = require "lfs"

local NAME_MOST <const> = 100 -- bytes of a job's name in the name of a file
local HASH <const> = generated_file.HASH

local names = {}

-- A job's name as a part of a file name, cut between two characters.
local function words_of(name)
  local words = name:gsub("[/%c]", "_"):gsub("^%.", "_")
  if #words > NAME_MOST then
    words = words:sub(1, NAME_MOST):gsub("[\xC2-\xF4][\x80-\xBF]*$", "")
  end
  return words
end

--- The path of a file without its ending.
---@param folder string
---@param name string of the job
---@param id string what the file is of
---@return string
function names.stem(folder, name, id)
  local hash = core.sha256():add(id):hex():sub(1, HASH)
  return ("%s/%s-%s"):format(folder, words_of(name), hash)
end

--- Whether a file's name may be one of a job's files: `stem`, and something after it.
---@param file string without its folder
---@param name string of the job
---@return boolean
function names.may_be_of(file, name)
  local words = words_of(name) .. "-"
  local hash = file:sub(1, #words) == words and file:match("^(%x+)[-.]", #words + 1)
  return hash and #hash == HASH or false
end

--- The path of a model's file.
---@param folder string
---@param name string of the job
---@param model_name string with or without its ending
---@return string
function names.model(folder, name, model_name)
  return names.stem(folder, name, (model_name:gsub("%.safetensors$", ""))) .. ".safetensors"
end

--- The file of a model in a folder, whatever the job was called.
---@param folder string
---@param model_name string with or without its ending
---@return string? path
function names.find_model(folder, model_name)
  local ending = names.model("", "", model_name):match "%-%x+%.safetensors$"
  for name in lfs.dir(folder) do
    if name:sub(-#ending) == ending then
      return folder .. "/" .. name
    end
  end
end

--- The path of a file beside a model's.
---@param path string of the model
---@param ending string such as ".png"
---@return string
function names.beside(path, ending)
  return (path:gsub("%.safetensors$", "")) .. ending
end

return names
