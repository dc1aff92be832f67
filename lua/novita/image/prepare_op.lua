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
function prepare_op.op(source, options, loop)
  local resolved, detector = crop.resolve(source, options)
  if not resolved then
    return nil, detector
  end
  return ops.await(loop, function(future)
    return loop:core():prepare(future, source, resolved, detector)
  end)
end

local function without_bytes(options)
  local copy = { discard = true } -- an option of the C core: nothing is encoded
  for name, value in pairs(options) do
    copy[name] = value
  end
  return copy
end

--- The same, as facts with the bytes.
---@param source novita.Source
---@param options novita.PrepareOptions
---@param loop novita.async.Loop
---@param only_facts? boolean without the bytes, which saves the time of the encoder
---@return novita.Prepared? facts
---@return novita.Error? err
function prepare_op.facts(source, options, loop, only_facts)
  options = only_facts and without_bytes(options) or options
  local prepared, err = prepare_op.op(source, options, loop)
  if not prepared then
    return nil, err
  end
  local facts = prepared:info()
  facts.bytes = not only_facts and prepared:bytes() or nil
  prepared:close()
  return facts
end

return prepare_op
