--- Makes integers of the whole numbers in a decoded value: lua-cjson reads all numbers as floats,
--- and 200.0 is printed as such.

---@param value any a table is changed in place
---@return any
local function whole_numbers(value)
  if type(value) == "table" then
    for name, inner in pairs(value) do
      value[name] = whole_numbers(inner)
    end
  elseif math.type(value) == "float" then
    return math.tointeger(value) or value
  end
  return value
end

return whole_numbers
