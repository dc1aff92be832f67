--- lua-cjson in any locale. It reads the locale's decimal point only when an instance is made, and
--- a host may call os.setlocale at any time.

local cjson = require "cjson"

local locale_cjson = { null = cjson.null }

local probe = cjson.new()

local function is_right()
  local ok, value = pcall(probe.decode, "[0.5]")
  return ok and value[1] == 0.5
end

-- The decimal point is shared by all instances.
local function follow_locale()
  if not is_right() then
    cjson.new()
  end
end

---@class novita.Cjson
---@field settings table the instance, for its settings
---@field decode fun(text: string): any raises if the text is not JSON
---@field encode fun(value: any): string

--- An instance with separate settings.
---@return novita.Cjson
function locale_cjson.new()
  local instance = cjson.new()
  return {
    settings = instance,
    decode = function(text)
      follow_locale()
      return instance.decode(text)
    end,
    encode = function(value)
      follow_locale()
      return instance.encode(value)
    end,
  }
end

return locale_cjson
