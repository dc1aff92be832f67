--- The samplers of the API as stable-diffusion.cpp has them: a method and a schedule.

local METHODS <const> = { ["Euler a"] = "euler_a", Euler = "euler", LMS = "lms", Heun = "heun",
  DPM2 = "dpm2", ["DPM++ 2S a"] = "dpm++2s_a", ["DPM++ 2M"] = "dpm++2m", DDIM = "ddim_trailing" }

local samplers = {}

---@param name string of the API, such as "DPM++ 2M Karras"
---@return string? method nil if stable-diffusion.cpp does not have it
---@return "karras"|"discrete" schedule
function samplers.find(name)
  local plain = name:match "^(.*) Karras$"
  return METHODS[plain or name], plain and "karras" or "discrete"
end

return samplers
