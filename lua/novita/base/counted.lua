--- A number with its noun: "1 photo", "2 photos".

---@param count integer
---@param noun string in the singular; its plural ends in s
---@return string
local function counted(count, noun)
  return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

return counted
