--- Prepares a photo as an op, for novita.image and for trainings.

local core = require "novita.core"
local crop = require "novita.image.crop"
local ops = require "novita.async.op"

local prepare_op = {}

--- Checks options without prepare_op anything. Raises if they are wrong.
---@param options table
---@param level integer whose line is blamed
function prepare_op.check(options, level)
  local ok, message = pcall(core.check_prepare_options, crop.without_function(options))
  if not ok then
    error("prepare: " .. message, level + 1)
  end
end

--- Prepares one photo on a worker and waits.
---@param source novita.Source
---@param options? novita.PrepareOptions
---@param loop novita.async.Loop
---@return novita.core.prepare? prepared stays in C until it is uploaded
---@return novita.Error? err
function prepare_op.op(source, options, loop)
  local resolved, err = crop.resolve(source, options)
  if err then
    return nil, err
  end
  return ops.await(loop, function(future)
    return loop:core():prepare(future, source, resolved)
  end)
end

return prepare_op
