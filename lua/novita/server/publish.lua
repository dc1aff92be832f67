--- Puts the model that a trainer has left in its place.

local crypto = require("novita.service.core").crypto
local errors = require "novita.base.error"
local files = require "novita.server.files"
local identifiers = require "novita.service.identifiers"

local function move_model(from, to)
  local done, err = files.sync(from)
  if not done then
    return nil, err
  end
  return files.rename(from, to)
end

--- The file is in its place before the training is said to have succeeded.
---@param engine novita.server.Engine
---@param id string of the training
---@param file string
---@return boolean? done
---@return novita.Error? err
return function(engine, id, file)
  local name = identifiers.model(engine:now())
  local path = engine:model_path(name)
  local done, err = move_model(file, path)
  if not done then
    return nil, err
  end
  local sha256, why = crypto.file_digests(path)
  if not sha256 then
    return nil, errors.new { kind = "file", message = ("%s: %s"):format(path, why) }
  end
  engine.store:set_serving(id, engine:now(), name, crypto.hex(sha256))
  return true
end
