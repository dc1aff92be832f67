--- A number with its noun: "1 photo", "2 photos".

---@param count integer
---@param noun string in the singular; its plural ends in s
---@param zero? string what stands for the number 0, such as "no"
---@return string
local function counted(count, noun, zero)
  return ("%s %s%s"):format(count == 0 and zero or ("%d"):format(count), noun,
    count == 1 and "" or "s")
end

return counted
