--- The fingerprint of a photo that was uploaded: its file, and the options that it was prepared
--- with. It identifies an unchanged photo without reading it.

local fingerprint = {}

local DIGITS <const> = 16 -- of the hash of the options
local SIZE <const> = ":(%d+):[%d.-]+:[%d.-]+:" .. ("%x"):rep(DIGITS) .. "$"

---@param file string of novita.dataset.files.identity
---@param options string their hash
---@return string
function fingerprint.of(file, options)
  return file .. ":" .. options:sub(1, DIGITS)
end

---@param text string
---@return string
function fingerprint.file(text)
  return text:sub(1, -DIGITS - 2)
end

---@param text string
---@return string
function fingerprint.options(text)
  return text:sub(-DIGITS)
end

---@param text string
---@return integer? bytes nil if an earlier version has made it
function fingerprint.size(text)
  return math.tointeger(tonumber(text:match(SIZE)))
end

return fingerprint
