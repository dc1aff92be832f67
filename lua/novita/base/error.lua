--- Error objects: what the world did, for programs and for people.
-- Wrong use of the library raises a plain message at the caller's line instead.

local core = require "novita.core"

---@class novita.Error
---@field kind "network"|"tls"|"timeout"|"http"|"api"|"protocol"|"image"|"file"|"canceled"|"memory"|"journal"
---@field code string a word for programs, such as "refused" or the API's own "INVALID_API_KEY"
---@field message string one readable line, with no secret in it
---@field status? integer HTTP status of the answer
---@field retryable? boolean true where the same call may succeed later
---@field retry_after? number seconds the service asked us to wait
---@field ambiguous? boolean true where a paid call may have been carried out although its answer was lost
---@field task_id? string the task it is about
---@field attempts? integer how often it was tried
---@field metadata? table<string, string> what the API added to its refusal
---@field cause? novita.Error what led to it
local metatable = core.error

metatable.__name = "novita.Error"

function metatable.__tostring(err)
  return err.message
end

function metatable.__concat(left, right)
  return tostring(left) .. tostring(right)
end

---@class novita.error
local error_module = {}

-- File names and ids end up here: they must stay on the line, as those of the C core do.
local function one_line(text)
  return (text:gsub("%c", " "))
end

--- Gives an error another message.
---@param err novita.Error
---@param message string
---@return novita.Error err
---@package
function error_module.reword(err, message)
  err.message = one_line(message)
  return err
end

--- Makes an error object.
---@param fields table the fields of novita.Error; kind and message are required
---@return novita.Error
function error_module.new(fields)
  fields.code = fields.code or fields.kind
  fields.message = fields.message and one_line(fields.message)
  return setmetatable(fields, metatable)
end

--- Tells an error object from any other value.
---@param value any
---@return boolean
function error_module.is(value)
  return getmetatable(value) == metatable
end

--- Whether something that was raised is Lua's own lack of memory.
---@param raised any
---@return boolean
function error_module.is_memory(raised)
  return raised == "not enough memory"
end

--- An error object for whatever was raised where nothing is raised on purpose.
---@param raised any
---@return novita.Error
function error_module.caught(raised)
  if error_module.is(raised) then
    return raised
  elseif error_module.is_memory(raised) then
    return error_module.new { kind = "memory", message = "out of memory" }
  end
  return error_module.new {
    kind = "protocol",
    code = "bug",
    message = "a bug in novita: " .. tostring(raised),
  }
end

return error_module
