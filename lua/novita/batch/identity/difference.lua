--- The settings in which a training differs from an earlier one of its name, for people.

local format = require "novita.schema.format"
local json = require "novita.json"
local photo_list = require "novita.batch.identity.photo_list"
local settings = require "novita.batch.identity.settings"

local SHOWN_MOST <const> = 3 -- settings in a message

local difference = {}

-- The names in which two params differ, sorted.
local function names_of(before, now)
  local all, names = {}, {}
  for _, params in ipairs { before, now } do
    for name in pairs(params) do
      all[name] = true
    end
  end
  for name in pairs(all) do
    if json.encode { before[name] } ~= json.encode { now[name] } then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

-- 'instance_prompt is "a cat", was "a dog"', or the name alone if a value has no short text.
local function with_values(name, before, now)
  local function text(value)
    return value == nil and "not given" or type(value) ~= "table" and format.value(value) or nil
  end
  return text(before) and text(now) and ("%s is %s, was %s"):format(name, text(now), text(before))
    or name
end

local function plain(params)
  local made = settings.plain(params)
  made.images, made.image_dataset_items = photo_list.arranged(params).images, nil
  return made
end

--- Names the settings. Two forms of one setting are no difference.
---@param before table params
---@param now table params
---@param values? boolean with their values
---@return string text "" if they are the same
function difference.text(before, now, values)
  local one, other = plain(before), plain(now)
  local list = names_of(one, other)
  for i, name in ipairs(values and list or {}) do
    list[i] = with_values(name, one[name], other[name])
  end
  return table.concat(list, ", ", 1, math.min(#list, SHOWN_MOST))
end

return difference
