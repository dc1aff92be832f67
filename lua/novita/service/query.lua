--- Request targets: the path, and the query in both notations that clients use.

local query = {}

---@param text string
---@return string
function query.unescape(text)
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- Splits a target into path and query, without decoding.
---@param target string
---@return string path
---@return string query
function query.split(target)
  local path, rest = target:match("^([^?]*)%??(.*)$")
  return path, rest
end

--- The decoded pairs of a query, in order.
---@param text string
---@return string[][] pairs { { name, value }, ... }
function query.pairs(text)
  local found = {}
  for part in text:gmatch("[^&]+") do
    local name, value = part:match("^([^=]*)=?(.*)$")
    found[#found + 1] = { query.unescape(name), query.unescape(value) }
  end
  return found
end

--- Fields by name; "pagination[limit]" is read as "pagination.limit", "+" as a space.
---@param text string
---@return table<string, string>
function query.fields(text)
  local fields = {}
  for _, pair in ipairs(query.pairs((text:gsub("%+", " ")))) do
    fields[pair[1]:gsub("%[([^%]]*)%]", ".%1")] = pair[2]
  end
  return fields
end

local BOOLEANS = {}
for _, word in ipairs { "1", "t", "T", "TRUE", "true", "True" } do BOOLEANS[word] = true end
for _, word in ipairs { "0", "f", "F", "FALSE", "false", "False" } do BOOLEANS[word] = false end

--- A truth value as Go's strconv.ParseBool reads it.
---@param text string
---@return boolean? value nil for any other text
function query.boolean(text)
  return BOOLEANS[text]
end

return query
