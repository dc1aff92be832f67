--- The keys of a table in their order, for texts that must be the same each time.

---@generic K
---@param values table<K, any>
---@param before? fun(left: K, right: K): boolean
---@return K[]
return function(values, before)
  local keys = {}
  for key in pairs(values) do
    keys[#keys + 1] = key
  end
  table.sort(keys, before)
  return keys
end
