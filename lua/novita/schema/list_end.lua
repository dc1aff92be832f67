--- The last index of a list that a script wrote.

--- The length operator may stop before a nil, as that of Lua 5.5 does, and ipairs stops there and
--- passes over names: what comes after would be dropped in silence.
---@param list table
---@return integer? last 0 if it is empty; nil if a key is not of a list
---@return any key the one
---@return integer? count of the keys: less than `last` if the list has holes
local function list_end(list)
  local last, count = 0, 0
  for key in pairs(list) do
    if math.type(key) ~= "integer" or key < 1 then
      return nil, key
    end
    last, count = math.max(last, key), count + 1
  end
  return last, nil, count
end

return list_end
