--- A stage for people: "unknown" would look like an error.
---@param stage string
---@return string
local function stage_word(stage)
  return stage == "unknown" and "waiting" or stage
end

return stage_word
