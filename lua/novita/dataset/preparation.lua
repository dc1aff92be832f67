--- Remembers from which bytes and with which options a photo was prepared, so that a check, a
--- contact sheet and the training do the work once.

local files = require "novita.dataset.files"

local preparation = {}

local made = setmetatable({}, { __mode = "k" }) -- by the facts of the prepared photo

local function collect(list, value, path)
  if type(value) == "table" then
    for name, inner in pairs(value) do
      collect(list, inner, path .. "." .. tostring(name))
    end
  elseif type(value) == "function" then -- such as a crop that depends on more than the photo
    list.variable = true
  else
    list[#list + 1] = path .. "=" .. tostring(value)
  end
end

-- The same text for the same options; nil if a function decides.
local function key_of(options)
  local list, plain = {}, {}
  for name, value in pairs(options) do
    plain[name] = value
  end
  plain.width, plain.height = plain.width or plain.size, plain.height or plain.size
  plain.size = nil
  collect(list, plain, "")
  table.sort(list)
  return not list.variable and table.concat(list, "\n") or nil
end

local function source_of(item)
  return item.bytes or files.identity(item.path)
end

--- Identifies a photo and the options, before it is prepared: the file may change meanwhile.
---@param item novita.DatasetItem
---@param options novita.PrepareOptions
---@return table mark for `remember`
function preparation.mark(item, options)
  return { key = key_of(options), source = source_of(item) }
end

--- Notes what `facts` were made from.
---@param facts novita.Prepared
---@param mark table
function preparation.remember(facts, mark)
  made[facts] = mark
end

--- The prepared photo, unless its file or the options have changed since.
---@param item novita.DatasetItem
---@param options novita.PrepareOptions
---@return novita.Prepared? facts
function preparation.find(item, options)
  local before = item.facts and made[item.facts]
  local same = before and before.key and before.key == key_of(options)
  return same and before.source == source_of(item) and item.facts or nil
end

return preparation
