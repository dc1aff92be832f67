--- Writes a small file that is complete or not there, and survives a power cut.

local core = require "novita.core"
local ops = require "novita.async.op"

---@param path string an existing file is replaced
---@param bytes string
---@param loop novita.async.Loop
---@return true?
---@return novita.Error? err
return function(path, bytes, loop)
  local part <close>, err = core.part_file(path .. ".part")
  if not part then
    return nil, err
  end
  local ok
  ok, err = part:empty()
  if ok then
    ok, err = part:add(bytes)
  end
  if ok then
    ok, err = ops.await(loop, function(future)
      return loop:core():save(future, part, path)
    end)
  end
  return ok, err
end
