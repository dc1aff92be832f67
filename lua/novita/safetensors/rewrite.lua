--- Writes a .safetensors file again with another header. The tensors stay as they are, byte by
--- byte. The result is checked before it gets its name.

local core = require "novita.core"
local errors = require "novita.base.error"
local ops = require "novita.async.op"

local PREFIX <const> = 8 -- bytes of the header's length
local PIECE <const> = 1 << 20

local rewrite = {}

--- Opens a file that was checked, and reads its header. Close the file.
---@param path string
---@return file*? file at the first byte of the data
---@return string|novita.Error header
function rewrite.open(path)
  local file, why = io.open(path, "rb")
  if not file then
    return nil, errors.new { kind = "file", code = "open", message = why }
  end
  local length = string.unpack("<I8", file:read(PREFIX))
  return file, file:read(length)
end

local function copy(from, part, header)
  local ok, err = part:empty()
  local piece = string.pack("<I8", #header) .. header
  while ok and piece do
    ok, err = part:add(piece)
    piece = from:read(PIECE)
  end
  return ok, err
end

--- Writes a header and the data that are left in `from` to `out`.
---@param from file* at the first byte of the data
---@param header string
---@param out string is replaced
---@param loop novita.async.Loop
---@param check fun(path: string): table?, novita.Error? of the written file
---@return boolean? done
---@return novita.Error? err
function rewrite.write(from, header, out, loop, check)
  local written = out .. ".part"
  local part, err = core.part_file(written)
  if not part then
    return nil, err
  end
  local done
  done, err = copy(from, part, header)
  if done then
    done, err = check(written)
  end
  if done then
    done, err = ops.await(loop, function(future)
      return loop:core():save(future, part, out)
    end)
  end
  if not done then
    os.remove(written)
  end
  part:close()
  return done, err
end

return rewrite
