--- The preparation of a photo as an op: what novita.image and the trainings are made of.

local core = require "novita.core"
local crop = require "novita.image.crop"
local ops = require "novita.async.op"
local scheduler = require "novita.async.scheduler"

local preparing = {}

--- Checks options without doing anything; raises where they are wrong.
---@param options table
---@param level integer whose line is blamed
function preparing.check(options, level)
  local ok, problem = pcall(core.check_prepare_options, crop.without_function(options))
  if not ok then
    error("prepare: " .. problem, level + 1)
  end
end

--- Prepares one photo on a worker and waits.
---@param source novita.Source
---@param options? novita.PrepareOptions
---@return novita.core.prepare? prepared stays in C until it is uploaded
---@return novita.Error? err
function preparing.op(source, options)
  local wish, err = crop.resolve(source, options)
  if err then
    return nil, err
  end
  return ops.await(function(future)
    return scheduler.loop():prepare(future, source, wish)
  end)
end

return preparing
