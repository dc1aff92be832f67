--- The text of a header that was checked: where its members stand. A change of the text in these
--- places leaves every other byte as it was, which encoding the header again would not.

local json = require "novita.json"

local header_text = {}

-- `at` is the first quote. Inside a string, a quote has a backslash before it.
local function string_end(text, at)
  at = at + 1
  while true do
    at = text:find('["\\]', at)
    if text:sub(at, at) == '"' then
      return at
    end
    at = at + 2
  end
end

local function container_end(text, at)
  local depth = 0
  while true do
    at = text:find('["{}%[%]]', at)
    local sign = text:sub(at, at)
    if sign == '"' then
      at = string_end(text, at)
    else
      depth = depth + ((sign == "{" or sign == "[") and 1 or -1)
    end
    if depth == 0 then
      return at
    end
    at = at + 1
  end
end

local function value_end(text, at)
  local sign = text:sub(at, at)
  if sign == '"' then
    return string_end(text, at)
  elseif sign == "{" or sign == "[" then
    return container_end(text, at)
  end
  return text:find("[,}%s]", at) - 1
end

---@class novita.safetensors.Member positions in the text, of the first and the last byte
---@field name string as it is written, in quotes
---@field name_first integer
---@field name_last integer
---@field first integer of the value
---@field last integer of the value

--- The members of an object.
---@param text string a header without a fault
---@param at integer where its "{" stands
---@return novita.safetensors.Member[]
function header_text.members(text, at)
  local list = {}
  local name_first = text:find('["}]', at + 1)
  while text:sub(name_first, name_first) == '"' do
    local name_last = string_end(text, name_first)
    local first = text:find("[^%s:]", name_last + 1)
    local last = value_end(text, first)
    list[#list + 1] = { name = text:sub(name_first, name_last), name_first = name_first,
      name_last = name_last, first = first, last = last }
    name_first = text:find('["}]', last + 1)
  end
  return list
end

--- The text without a member, and without one comma beside it.
---@param text string
---@param member novita.safetensors.Member
---@return string
function header_text.without(text, member)
  local before, after = text:sub(1, member.name_first - 1), text:sub(member.last + 1)
  local rest, comma = before:gsub(",%s*$", "", 1)
  if comma == 0 then
    after = after:gsub("^%s*,", "", 1)
  end
  return rest .. after
end

--- The name of a member, without quotes and escapes.
---@param member novita.safetensors.Member
---@return string
function header_text.name(member)
  return json.decode("[" .. member.name .. "]")[1]
end

--- The member with a name.
---@param members novita.safetensors.Member[]
---@param name string
---@return novita.safetensors.Member?
function header_text.find(members, name)
  for _, member in ipairs(members) do
    if header_text.name(member) == name then
      return member
    end
  end
end

return header_text
