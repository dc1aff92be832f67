--- Gives the tensors of a LoRA the names of another dialect. Only the header changes: the data are
--- copied byte by byte. The metadata get the parts that cannot be computed on the way back, so a
--- file that is converted and converted back is the same file.

local adapter_metadata = require "novita.safetensors.adapter_metadata"
local errors = require "novita.base.error"
local header_text = require "novita.safetensors.header_text"
local json = require "novita.json"
local module_names = require "novita.safetensors.module_names"
local rewrite = require "novita.safetensors.rewrite"
local scalar = require "novita.safetensors.scalar"
local tensor_names = require "novita.safetensors.tensor_names"

local HEADER_MOST <const> = 16 << 20 -- bytes; that of a LoRA has less than one million
local MARK <const> = "novita.convert" -- the entry of the metadata
-- Of a kohya file, diffusers would read this entry and the alphas, and refuses to have both.
local ASIDE <const> = "novita." .. adapter_metadata.NAME

-- Leaves the conversion with a reason.
local function refuse(text, ...)
  error(errors.new { kind = "file", code = "names", message = text:format(...) }, 0)
end

-- {====== the header ======

-- Everything that the conversion knows about a file: `tensors` have `name`, `read` and what the
-- header says about them.
local function parse(text)
  local members = header_text.members(text, 1)
  local entries = json.decode(text)
  local header = { text = text, members = members, tensors = {}, metadata = {} }
  for _, member in ipairs(members) do
    local name = header_text.name(member)
    if name == "__metadata__" then
      header.metadata_member = member
    else
      local entry = entries[name]
      header.tensors[#header.tensors + 1] = { name = name, written = member.name, member = member,
        dtype = entry.dtype, shape = entry.shape, offset = entry.data_offsets[1] }
    end
  end
  header.metadata = entries.__metadata__ or {}
  return header
end

local other_kinds = {
  { "dora_scale", "DoRA" }, { "lora_magnitude_vector", "DoRA" }, { "hada_w", "LoHa" },
  { "lokr_w", "LoKr" }, { "lora_mid", "LoCon with a third tensor" },
}

local function refuse_name(name)
  for _, kind in ipairs(other_kinds) do
    if name:find(kind[1], 1, true) then
      refuse("the tensor '%s' is one of %s: its names alone cannot be converted", name, kind[2])
    end
  end
  refuse("the tensor '%s' is no part of a LoRA whose names are known", name)
end

local function read_names(header)
  local dialect
  for _, tensor in ipairs(header.tensors) do
    local read = tensor_names.read(tensor.name) or refuse_name(tensor.name)
    tensor.read = read
    if read.part ~= "alpha" then
      if dialect and dialect ~= read.dialect then
        refuse("the tensor '%s' has a name of %s, others have names of %s", tensor.name,
          read.dialect, dialect)
      end
      dialect = read.dialect
    end
  end
  return dialect
end

-- }======

-- {====== the family ======

local function path_in(family, read)
  if read.path then
    return module_names.has(family, read.component, read.path) and read.path
  end
  return module_names.path(family, read.component, read.module)
end

-- The first tensor whose module the family does not have.
local function stranger(header, family)
  for _, tensor in ipairs(header.tensors) do
    local read = tensor.read
    if read.family and read.family ~= family or not path_in(family, read) then
      return tensor
    end
  end
end

local by_base = { sd15 = "sd", sd2 = "sd", sdxl = "sdxl" }

-- By the names, by the shapes, or by what the first conversion wrote.
local function family_of(header, base, mark)
  local sd, sdxl = stranger(header, "sd"), stranger(header, "sdxl")
  if sd and sdxl then
    refuse("the tensor '%s' belongs to no module of Stable Diffusion 1.5 or XL",
      (by_base[base] == "sdxl" and sdxl or sd).name)
  end
  local family = sd and "sdxl" or sdxl and "sd" or by_base[base] or mark and mark.family
  if by_base[base] and family ~= by_base[base] then
    refuse("its names are those of %s, the shapes of its tensors are not", family == "sd"
      and "Stable Diffusion 1.5" or "Stable Diffusion XL")
  end
  return family
end

-- }======

-- {====== the way back ======

local function read_mark(header, target)
  local mark = json.decode(header.metadata[MARK] or "null")
  if type(mark) == "table" and mark.from == target then
    mark.names = type(mark.names) == "table" and mark.names or {}
    return mark
  end
end

-- Blanks after the header: their number, or the text if it has anything else.
local function tail_of(text)
  local tail = text:match "%s*$"
  return tail:find "[^ ]" and tail or #tail
end

local function usual_tail(length)
  return -length % 8
end

local function new_mark(header, dialect, family, length)
  local tail = tail_of(header.text)
  local names = {}
  for _, tensor in ipairs(header.tensors) do
    local back = json.encode(tensor_names.write(dialect, family, tensor.read))
    names[tensor.new] = back ~= tensor.written and tensor.written or nil
  end
  return {
    from = dialect,
    family = family,
    names = next(names) and names or nil,
    own = not header.metadata_member or nil, -- the metadata are the conversion's
    tail = tail ~= usual_tail(length) and tail or nil,
  }
end

-- }======

-- {====== new names ======

local function rename(header, target, family, mark)
  local seen = {}
  for _, tensor in ipairs(header.tensors) do
    tensor.read.path = path_in(family, tensor.read)
    tensor.new = tensor_names.write(target, family, tensor.read)
    local written = mark and mark.names[tensor.name]
    tensor.new_written = type(written) == "string" and written or json.encode(tensor.new)
    if seen[tensor.new_written] then
      refuse("two tensors would have the name %s", tensor.new_written)
    end
    seen[tensor.new_written] = true
  end
end

-- A copy of the header's text with other names, in one pass.
local function with_names(header)
  local parts, at = {}, 1
  for _, tensor in ipairs(header.tensors) do
    parts[#parts + 1] = header.text:sub(at, tensor.member.name_first - 1)
    parts[#parts + 1] = tensor.new_written
    at = tensor.member.name_last + 1
  end
  parts[#parts + 1] = header.text:sub(at)
  return (table.concat(parts):gsub("%s*$", ""))
end

-- }======

-- {====== the metadata ======

local function metadata_members(text)
  local member = header_text.find(header_text.members(text, 1), "__metadata__")
  return member, member and header_text.members(text, member.first) or {}
end

local function rename_entry(text, old, new)
  local entry = header_text.find(select(2, metadata_members(text)), old)
  if not entry then
    return text
  end
  return text:sub(1, entry.name_first) .. new .. text:sub(entry.name_last)
end

-- As the last one, so that nothing else moves.
local function add_entry(text, name, value)
  local entry = ("%s:%s"):format(json.encode(name), json.encode(value))
  local member, entries = metadata_members(text)
  if not member then
    return ('{"__metadata__":{%s},%s'):format(entry, text:sub(2))
  end
  local at = entries[1] and entries[#entries].last or member.first
  return text:sub(1, at) .. (entries[1] and "," or "") .. entry .. text:sub(at + 1)
end

local function remove_entry(text, name)
  local entry = header_text.find(select(2, metadata_members(text)), name)
  return entry and header_text.without(text, entry) or text
end

local function remove_empty(text)
  local member, entries = metadata_members(text)
  return member and not entries[1] and header_text.without(text, member) or text
end

-- }======

-- {====== both directions ======

local function modules_of(header, file, data_at)
  local modules, alphas = {}, {}
  for _, tensor in ipairs(header.tensors) do
    local read = tensor.read
    local key = read.component .. "." .. read.path
    if read.part == "alpha" then
      alphas[key] = scalar.read(file, data_at + tensor.offset, tensor.dtype)
        or refuse("the tensor '%s' has an alpha of the type %s", tensor.name, tensor.dtype)
    elseif read.part == "down" then
      modules[#modules + 1] = { key = key, component = read.component, path = read.path,
        rank = math.tointeger(tensor.shape[1]) }
    end
  end
  for _, module in ipairs(modules) do
    module.alpha = alphas[module.key] or module.rank
  end
  return modules
end

-- Back to the names that the file had before it was converted.
local function restore(text, mark)
  text = remove_entry(text, MARK)
  if mark.config then
    text = remove_entry(text, adapter_metadata.NAME)
  end
  text = rename_entry(text, ASIDE, adapter_metadata.NAME)
  if mark.own then
    text = remove_empty(text)
  end
  local tail = mark.tail or usual_tail(#text)
  if math.type(tail) ~= "integer" and type(tail) == "number" then
    tail = math.tointeger(tail) or 0
  end
  if type(tail) == "string" then
    return text .. (tail:find "^%s*$" and tail or "")
  end
  return text .. (" "):rep(math.max(0, math.min(tail, HEADER_MOST)))
end

local function check_config(header)
  local config = header.metadata[adapter_metadata.NAME]
  if config and not adapter_metadata.is_plain(config) then
    refuse("its alphas are in its metadata (%s), and kohya's programs read them from tensors, "
      .. "which new names do not add", adapter_metadata.NAME)
  end
end

local function forward(header, text, target, family, file, data_at)
  local mark = new_mark(header, target == "kohya" and "diffusers" or "kohya", family, #text)
  text = remove_entry(text, MARK) -- one of another conversion says nothing any more
  text = rename_entry(text, adapter_metadata.NAME, ASIDE)
  if target == "kohya" then
    check_config(header)
  else
    local config = adapter_metadata.of(modules_of(header, file, data_at))
    mark.config = config and true
    text = config and add_entry(text, adapter_metadata.NAME, config) or text
  end
  text = add_entry(text, MARK, json.encode(mark))
  return text .. (" "):rep(usual_tail(#text))
end

local function make_header(text, facts, target, file)
  if #text > HEADER_MOST then
    refuse("its header has %d bytes, and that of a LoRA at most %d", #text, HEADER_MOST)
  end
  local header = parse(text)
  local dialect = read_names(header)
  target = target or (dialect == "kohya" and "diffusers" or "kohya")
  if dialect == target then
    refuse("its tensors have the names of %s already", target)
  end
  local mark = read_mark(header, target)
  local family = family_of(header, facts.base, mark)
    or refuse "neither its names nor its shapes say whether it is for Stable Diffusion 1.5 or XL"
  rename(header, target, family, mark)
  local changed = with_names(header)
  if mark then
    return restore(changed, mark), target
  end
  return forward(header, changed, target, family, file, 8 + #text), target
end

-- }======

--- Writes `path` to `out` with the names of another dialect. The result is checked before it gets
--- its name.
---@param path string of a sound LoRA
---@param out string is replaced
---@param target? "kohya"|"diffusers"
---@param facts novita.SafetensorsFacts
---@param loop novita.async.Loop
---@param check fun(path: string): table?, novita.Error? of a written file
---@return string? names that the file has now
---@return novita.Error? err
return function(path, out, target, facts, loop, check)
  local opened, text = rewrite.open(path)
  if not opened then
    return nil, text
  end
  local from <close> = opened
  local at = from:seek()
  local ok, header, names = pcall(make_header, text, facts, target, from)
  if not ok then
    if errors.is(header) then
      return nil, errors.reword(header, ("%s: %s"):format(path, header.message))
    end
    error(header, 0)
  end
  from:seek("set", at)
  local done, err = rewrite.write(from, header, out, loop, check)
  return done and names, err
end
