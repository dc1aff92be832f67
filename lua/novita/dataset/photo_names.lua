--- Matches tables by photo name with photos.

local photo_names = {}

--- The names that refer to a photo: "a.jpg", "a" and "photos/a.jpg" all mean photos/a.jpg.
---@param item novita.DatasetItem
---@return string[]
function photo_names.of(item)
  return { item.path or item.name, item.name, (item.name:gsub("%.[^.]*$", "")) }
end

--- Gives each photo its value, unless it has one.
---@param items novita.DatasetItem[]
---@param field string of the item
---@param values table<string, any> by name
---@return string? name that matches no photo
function photo_names.assign(items, field, values)
  local used = {}
  for _, item in ipairs(items) do
    for _, name in ipairs(photo_names.of(item)) do
      if values[name] ~= nil then
        item[field], used[name] = item[field] or values[name], true
      end
    end
  end
  for name in pairs(values) do
    if not used[name] then
      return name
    end
  end
end

return photo_names
