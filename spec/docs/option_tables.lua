--- The tables that public functions take, as the annotations of the sources say.

package.path = "tools/docs/?.lua;" .. package.path

local annotations = require "annotations"
local pages = require "pages"

local classes, aliases = {}, {}

local function read_annotations()
  local pipe <close> = assert(io.popen "find lua -name '*.lua' | sort")
  for path in pipe:lines() do
    local _, found = annotations.read(path)
    for name, class in pairs(found) do
      classes[name] = class
    end
    local file <close> = assert(io.open(path))
    local text = file:read("a"):gsub("\n%-%-%- ", " "):gsub("\n%-%-%-|", "|")
    for name, written in text:gmatch "%-%-%-@alias (novita[%w_.]+) ([^\n]+)" do
      aliases[name] = written
    end
  end
end

read_annotations()

-- The alternatives of a type, which ends at a blank: then comes a description.
local function alternatives(written)
  local list, depth, from = {}, 0, 1
  for at = 1, #written + 1 do
    local char = written:sub(at, at)
    depth = depth + (char:find "^[%({<]" and 1 or char:find "^[%)}>]" and -1 or 0)
    if depth == 0 and (char == "|" or char == " " or char == "") then
      list[#list + 1] = written:sub(from, at - 1)
      from = at + 1
      if char ~= "|" then break end
    end
  end
  return list
end

-- Objects of the library, which no script writes as a table.
local objects = { ["novita.Client"] = true, ["novita.Dataset"] = true, ["novita.Loop"] = true,
  ["novita.Model"] = true, ["novita.Image"] = true, ["novita.Task"] = true,
  ["novita.async.Loop"] = true, ["novita.core.prepare"] = true }

-- Tables that may have more fields: a box that a detector has found has a score.
local open = { ["novita.Crop"] = true }

local function fields_of(class, types, docs)
  for parent in class.parents:gmatch "[%w_.]+" do
    fields_of(classes[parent], types, docs)
  end
  for _, field in ipairs(class.fields) do
    types[field.name], docs[field.name] = field.type, field.doc
  end
  return types, docs
end

-- The fields of "{ a: string, b?: { c: integer } }".
local function inline_fields(written)
  local fields, inner = {}, written:match "^{(.*)}$"
  local flat = inner:gsub("%b{}", function(braces) return "{" .. (" "):rep(#braces - 2) .. "}" end)
  for name, from in flat:gmatch "([%w_]+)%??: ()" do
    fields[name] = inner:sub(from):match "^%b{}" or inner:sub(from):match "^[^,]+"
  end
  return fields
end

local tables_in

-- The tables that a type names: { fields =, docs =, list =, class = } each.
local function add_tables(written, list, found)
  local name = written:gsub("%[%]$", "")
  list = list or name ~= written
  if name:find "^%(.*%)$" then
    tables_in(name:sub(2, -2), list, found)
  elseif name:find "^{" then
    found[#found + 1] = { fields = inline_fields(name), list = list, class = name }
  elseif aliases[name] then
    tables_in(aliases[name], list, found)
  elseif classes[name] and not objects[name] and not open[name] then
    local types, docs = fields_of(classes[name], {}, {})
    found[#found + 1] = { fields = types, docs = docs, list = list, class = name }
  end
end

function tables_in(written, list, found)
  for _, alternative in ipairs(alternatives(written)) do
    add_tables(alternative, list, found)
  end
  return found
end

-- Calls `visit` with each table that a parameter of a public function can be, and with the name of
-- the function and the parameter, such as "client:train(form)".
local function each_table(visit)
  for _, page in ipairs(pages) do
    for _, part in ipairs(page.name ~= "core" and page.parts or {}) do
      for _, fn in ipairs((annotations.read(part.source))) do
        for _, param in ipairs(pages.is_public(part, fn) and fn.doc.params or {}) do
          local name, written = param:match "^([%w_.]+)%S* (.*)$"
          for _, found in ipairs(tables_in(written, false, {})) do
            visit(("%s(%s)"):format(pages.shown(part, fn), name), found)
          end
        end
      end
    end
  end
end

return { each = each_table, within = tables_in, alias = function(name) return aliases[name] end }
