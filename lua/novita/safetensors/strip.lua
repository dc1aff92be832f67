--- Writes a .safetensors file again without the private part of its metadata. The tensors stay as
--- they are, byte by byte and in the same place: blanks fill the new header to the length of the
--- old one, as the format allows.

local core = require "novita.core"
local errors = require "novita.base.error"
local json = require "novita.json"
local metadata = require "novita.safetensors.metadata"
local ops = require "novita.async.op"

local PREFIX <const> = 8 -- bytes of the header's length
local PIECE <const> = 1 << 20

-- The header was checked, so the metadata is an object of strings. Inside a string, a quote has a
-- backslash before it: the unescaped name in quotes can only be the member itself.
local function find_metadata(header)
  local first, open = header:find '"__metadata__"%s*:%s*{'
  if not first then
    return nil
  end
  local at = open + 1
  while true do
    local quote = header:find('["}]', at)
    if header:sub(quote, quote) == "}" then
      return first, quote
    end
    at = quote + 1
    while header:sub(at, at) ~= '"' do
      at = at + (header:sub(at, at) == "\\" and 2 or 1)
    end
    at = at + 1
  end
end

local function kept(values)
  local list = {}
  for name, value in pairs(values) do
    if metadata.is_harmless(name) then
      list[name] = value
    end
  end
  return next(list) and '"__metadata__":' .. json.encode(list)
end

-- Without a member, its comma goes too.
local function header_without(header, values)
  local first, last = find_metadata(header)
  if not first then
    return header
  end
  local before, member, after = header:sub(1, first - 1), kept(values), header:sub(last + 1)
  if not member then
    after = after:gsub("^%s*,", "", 1)
    if not after:find "^%s*[^%s}]" then
      before = before:gsub(",%s*$", "", 1)
    end
  end
  return before .. (member or "") .. after
end

-- As long as the old header, so that the data stay where they are: programs map it into memory.
local function padded(text, length)
  return text .. (" "):rep(math.max(length, (#text + 7) // 8 * 8) - #text)
end

local function copy(from, part, values)
  local length = string.unpack("<I8", from:read(PREFIX))
  local header = padded(header_without(from:read(length), values), length)
  local ok, err = part:empty()
  local piece = string.pack("<I8", #header) .. header
  while ok and piece do
    ok, err = part:add(piece)
    piece = from:read(PIECE)
  end
  return ok, err
end

local function part_of(path)
  return path .. ".part"
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
  local from <close>, why = io.open(path, "rb")
  if not from then
    return nil, errors.new { kind = "file", code = "open", message = why }
  end
  local part, err = core.part_file(part_of(out))
  if not part then
    return nil, err
  end
  local done
  done, err = copy(from, part, values)
  if done then
    done, err = check(part_of(out))
  end
  if done then
    done, err = ops.await(loop, function(future)
      return loop:core():save(future, part, out)
    end)
  end
  if not done then
    os.remove(part_of(out))
  end
  part:close()
  return done, err
end
