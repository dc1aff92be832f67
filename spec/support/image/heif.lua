--- HEIF files, taken apart and put together box by box: the coded images of spec/fixtures/heif in
--- other arrangements.

local files = require "support.files"
local core = require "novita.core"

local heif = {}

--- The version of libheif, or nil if it is not installed.
heif.version = core.versions().heif

--- Whether it can decode both formats: in some distributions its decoders are other packages.
heif.complete = not (core.image.missing "heic" or core.image.missing "avif")

local function box(name, ...)
  local body = table.concat { ... }
  return string.pack(">I4", #body + 8) .. name .. body
end

local function full(name, version, flags, ...)
  return box(name, string.pack(">I1I3", version, flags), ...)
end

-- {====== properties ======

heif.box, heif.full = box, full

function heif.ispe(width, height)
  return full("ispe", 0, 0, string.pack(">I4I4", width, height))
end

--- Turns the image by `quarters` of a circle, counterclockwise.
function heif.irot(quarters)
  return box("irot", string.char(quarters))
end

--- Mirrors the image; 0: top and bottom change places, 1: left and right.
function heif.imir(axis)
  return box("imir", string.char(axis))
end

--- The centred part of width x height.
function heif.clap(width, height)
  return box("clap", string.pack(">I4I4I4I4I4I4I4I4", width, 1, height, 1, 0, 1, 0, 1))
end

--- Code points of ITU-T H.273.
function heif.nclx(primaries, transfer, matrix, full_range)
  return box("colr", "nclx", string.pack(">I2I2I2I1", primaries, transfer, matrix,
    full_range and 128 or 0))
end

function heif.icc(profile)
  return box("colr", "prof", profile)
end

function heif.alpha()
  return full("auxC", 0, 0, "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
end

--- The data of a grid item.
function heif.grid(rows, columns, width, height)
  return string.pack(">I1I1I1I1I2I2", 0, 0, rows - 1, columns - 1, width, height)
end

-- }======

-- {====== taking apart ======

-- The boxes of a text as a list of { name, body }; `names` also gives the first of each name.
local function boxes(text)
  local list, at = {}, 1
  while at <= #text do
    local size, name = string.unpack(">I4c4", text, at)
    local found = { name = name, body = text:sub(at + 8, at + size - 1),
      whole = text:sub(at, at + size - 1) }
    list[#list + 1] = found
    list[name] = list[name] or found
    at = at + size
  end
  return list
end

--- The coded images of a fixture, in the order of their ids.
---@param name string of a file in spec/fixtures/heif
---@return { type: string, data: string, config: string, width: integer, height: integer }[]
function heif.coded(name)
  local bytes = files.read("fixtures/heif/" .. name)
  local meta = boxes(boxes(bytes).meta.body:sub(5))
  local items = {}
  for i, info in ipairs(boxes(meta.iinf.body:sub(7))) do
    items[i] = { type = info.body:sub(9, 12) }
  end
  local iloc, at = meta.iloc.body, 9
  local base_size = (iloc:byte(6) >> 4)
  assert(iloc:byte(5) == 0x44, "another kind of iloc")
  for _, item in ipairs(items) do
    local base = base_size == 0 and 0 or string.unpack(">I" .. base_size, iloc, at + 4)
    local offset, length = string.unpack(">I4I4", iloc, at + 4 + base_size + 2)
    item.data = bytes:sub(base + offset + 1, base + offset + length)
    at = at + 4 + base_size + 2 + 8
  end
  local iprp = boxes(meta.iprp.body)
  local properties, ipma = boxes(iprp.ipco.body), iprp.ipma.body
  at = 9
  for _, item in ipairs(items) do
    local count = ipma:byte(at + 2)
    for k = 1, count do
      local property = properties[ipma:byte(at + 2 + k) & 127]
      if property.name == "hvcC" or property.name == "av1C" then
        item.config = property.whole
      elseif property.name == "ispe" then
        item.width, item.height = string.unpack(">I4I4", property.body, 5)
      end
    end
    at = at + 3 + count
  end
  return items
end

-- }======

-- {====== putting together ======

local function associations(items)
  local all, parts = {}, {}
  for id, item in ipairs(items) do
    local list = { item.width and heif.ispe(item.width, item.height), item.config }
    list = { table.unpack(list) }
    for _, property in ipairs(item.properties or {}) do
      list[#list + 1] = property
    end
    local numbers = {}
    for k, property in ipairs(list) do
      all[#all + 1] = property
      numbers[k] = string.pack(">I2", #all | 0x8000)
    end
    parts[id] = string.pack(">I2I1", id, #numbers) .. table.concat(numbers)
  end
  return box("iprp", box("ipco", table.unpack(all)),
    full("ipma", 0, 1, string.pack(">I4", #items), table.concat(parts)))
end

local function references(list)
  local parts = {}
  for i, ref in ipairs(list or {}) do
    local to = {}
    for k, id in ipairs(ref.to) do
      to[k] = string.pack(">I2", id)
    end
    parts[i] = box(ref.type, string.pack(">I2I2", ref.from, #to), table.concat(to))
  end
  return list and full("iref", 0, 0, table.concat(parts)) or ""
end

local function locations(items, start)
  local parts, at = {}, start
  for id, item in ipairs(items) do
    parts[id] = string.pack(">I2I2I2I4I4", id, 0, 1, at, #item.data)
    at = at + #item.data
  end
  return full("iloc", 0, 0, "\x44\x00", string.pack(">I2", #items), table.concat(parts))
end

local function meta(file, start)
  local infos = {}
  for id, item in ipairs(file.items) do
    infos[id] = full("infe", 2, item.hidden and 1 or 0, string.pack(">I2I2", id, 0), item.type,
      "\0")
  end
  return full("meta", 0, 0, full("hdlr", 0, 0, ("\0"):rep(4) .. "pict" .. ("\0"):rep(13)),
    full("pitm", 0, 0, string.pack(">I2", file.primary or 1)), locations(file.items, start),
    full("iinf", 0, 0, string.pack(">I2", #infos), table.concat(infos)),
    associations(file.items), references(file.references))
end

--- A file.
---@param file { brand?: string, brands?: string, items: table[], primary?: integer,
---  references?: { type: string, from: integer, to: integer[] }[] } an item has type, data, config,
---  width, height, properties
---@return string
function heif.file(file)
  local brand = file.brand or file.items[1].type == "av01" and "avif" or "heic"
  local ftyp = box("ftyp", brand, "\0\0\0\0", file.brands or "mif1" .. brand)
  local size = #ftyp + #meta(file, 0) + 8
  local data = {}
  for i, item in ipairs(file.items) do
    data[i] = item.data
  end
  return ftyp .. meta(file, size) .. box("mdat", table.concat(data))
end

--- A file of one image with the coded data of another.
---@param coded table of heif.coded
---@param properties? string[] boxes
---@param change? table other fields of the item
function heif.single(coded, properties, change)
  local item = { properties = properties }
  for name, value in pairs(coded) do
    item[name] = value
  end
  for name, value in pairs(change or {}) do
    item[name] = value
  end
  return heif.file { items = { item } }
end

-- }======

--- The environment of a program for which libheif is not installed: an empty file takes its place.
--- The caller removes the folder.
---@return string folder
---@return string prefix of a command
function heif.hidden()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder .. " && : >" .. folder .. "/libheif.so.1"))
  return folder, "env LD_LIBRARY_PATH=" .. folder
end

return heif
