--- Prepares a photo as an op, for novita.image and for trainings. The options are checked ones (see
--- novita.image.options).

local crop = require "novita.image.crop"
local ops = require "novita.async.op"

local prepare_op = {}

--- Prepares one photo on a worker and waits.
---@param source novita.Source
---@param options novita.PrepareOptions
---@param loop novita.async.Loop
---@return novita.core.prepare? prepared stays in C until it is uploaded
---@return novita.Error? err
---@return novita.image.CropSeen? seen for `prepare_op.info`
function prepare_op.op(source, options, loop)
  local resolved, seen = crop.resolve(source, options, loop)
  if not resolved then
    return nil, seen
  end
  local prepared, err = ops.await(loop, function(future)
    return loop:core():prepare(future, source, resolved)
  end)
  return prepared, err, seen
end

--- The facts of a prepared photo, without its bytes.
---@param prepared novita.core.prepare
---@param seen novita.image.CropSeen
---@return novita.Prepared facts
function prepare_op.info(prepared, seen)
  local facts = prepared:info()
  facts.crop.choice, facts.faces = seen.choice, seen.faces
  return facts
end

--- The same, as facts with the bytes.
---@param source novita.Source
---@param options novita.PrepareOptions
---@param loop novita.async.Loop
---@return novita.Prepared? facts
---@return novita.Error? err
function prepare_op.facts(source, options, loop)
  local prepared, err, seen = prepare_op.op(source, options, loop)
  if not prepared then
    return nil, err
  end
  local facts = prepare_op.info(prepared, seen)
  facts.bytes = prepared:bytes()
  prepared:close()
  return facts
end

return prepare_op
