--- Writes a .safetensors file again without the private part of its metadata. The tensors stay as
--- they are, byte by byte and in the same place: blanks fill the new header to the length of the
--- old one, as the format allows.

local header_text = require "novita.safetensors.header_text"
local json = require "novita.json"
local metadata = require "novita.safetensors.metadata"
local rewrite = require "novita.safetensors.rewrite"

local function kept(values)
  local list = {}
  for name, value in pairs(values) do
    if metadata.is_harmless(name) then
      list[name] = value
    end
  end
  return next(list) and json.encode(list)
end

local function header_without(header, values)
  local member = header_text.find(header_text.members(header, 1), "__metadata__")
  if not member then
    return header
  end
  local value = kept(values)
  if not value then
    return header_text.without(header, member)
  end
  return header:sub(1, member.first - 1) .. value .. header:sub(member.last + 1)
end

-- As long as the old header, so that the data stay where they are: programs map it into memory.
local function padded(text, length)
  return text .. (" "):rep(math.max(length, (#text + 7) // 8 * 8) - #text)
end

--- Writes `path` to `out` without its private metadata. The result is checked before it gets its
--- name.
---@param path string of a sound file
---@param out string is replaced
---@param values table<string, string> its metadata
---@param loop novita.async.Loop
---@param check fun(path: string): table?, novita.Error? of a written file
---@return boolean? done
---@return novita.Error? err
return function(path, out, values, loop, check)
  local opened, header = rewrite.open(path)
  if not opened then
    return nil, header
  end
  local from <close> = opened
  return rewrite.write(from, padded(header_without(header, values), #header), out, loop, check)
end
