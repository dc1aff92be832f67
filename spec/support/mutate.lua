--- Damaged responses: a valid JSON text with values replaced, removed or doubled, or with its bytes
--- changed. The same seed gives the same damage.

local cjson = require("cjson").new()

local mutate = {}

local DEEP = ("["):rep(40) .. ("]"):rep(40)
local VALUES = {
  "null", "true", "false", "0", "-1", "1e308", "-1e308", "1e999", "123456789012345678901234567890",
  "0.1", "1.5", "4294967296", "9223372036854775807", '""', '"x"', '"0"', '"-5"', '"1e3"',
  '"\\u0000"', '"\\ud800"', '"\255\254"', '"\\n\\r\\t\\u001b[2J"', '"' .. ("A"):rep(5000) .. '"',
  "[]", "{}", "[null]", "[[[]]]", "[1,2,3]", '["a","b"]', "[{}]", '{"values":[1]}', DEEP,
  ("["):rep(200) .. ("]"):rep(200), '{"a":' .. ("["):rep(60) .. ("]"):rep(60) .. "}", "NaN",
  "'single'", "\0", "0x10", "SERVING", '"SERVING"', '"TASK_STATUS_SUCCEED"', '"c_10"',
}

local function is_list(value)
  return value[1] ~= nil
end

-- Writes a tree as JSON; `hit()` may return another text for a node.
local function write(value, hit)
  local other = hit()
  if other then return other end
  if value == cjson.null then return "null" end
  if type(value) ~= "table" then return cjson.encode(value) end
  local parts = {}
  if is_list(value) then
    for i, item in ipairs(value) do parts[i] = write(item, hit) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local text = write(value[name], hit)
    if text ~= "gone" then parts[#parts + 1] = cjson.encode(name) .. ":" .. text end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local function count(value)
  local nodes = 0
  write(value, function() nodes = nodes + 1 end)
  return nodes
end

local function replaced(tree, nodes)
  local target, at = math.random(nodes), 0
  return write(tree, function()
    at = at + 1
    if at ~= target then return nil end
    return math.random(6) == 1 and at > 1 and "gone" or VALUES[math.random(#VALUES)]
  end)
end

local edits = {
  function(text, at) return text:sub(1, at) end,
  function(text, at) return text:sub(1, at - 1) .. text:sub(at + 1) end,
  function(text, at)
    return text:sub(1, at - 1) .. string.char(math.random(0, 255)) .. text:sub(at + 1)
  end,
  function(text, at)
    return text:sub(1, at) .. VALUES[math.random(#VALUES)] .. text:sub(at + 1)
  end,
  function(text, at) return text:sub(1, at) .. text:sub(math.max(1, at - 20)) end,
}

--- Returns a function that makes another damaged text at each call.
---@param good string a valid JSON text
---@return fun(): string
function mutate.source(good)
  local tree = cjson.decode(good)
  local nodes = count(tree)
  return function()
    local text = math.random(4) > 1 and replaced(tree, nodes) or good
    if math.random(3) == 1 and #text > 0 then
      text = edits[math.random(#edits)](text, math.random(#text))
    end
    return text
  end
end

return mutate
