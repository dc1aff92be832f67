--- Error objects for failures at run time, for programs and for people.
-- Wrong use of the library raises a plain message at the caller's line instead.

local core = require "novita.core"

---@class novita.Error
---@field kind "network"|"tls"|"timeout"|"http"|"api"|"protocol"|"image"|"file"|"canceled"|"memory"|"journal"
---@field code string for programs, such as "refused" or the API's own "INVALID_API_KEY"
---@field message string one readable line, with no secret in it
---@field status? integer HTTP status of the response
---@field reason? string the reason that the API itself names; nil for a gateway's response
---@field retryable? boolean true if the same request may succeed later; not if `ambiguous`
---@field retry_after? number seconds that the service asks us to wait
---@field ambiguous? boolean true if a paid request may have been carried out although its response
--- was lost
---@field unpaid? boolean true if the message says that nothing was paid
---@field task_id? string the task that the error is about
---@field batch? string the id of the batch that the error is about
---@field attempts? integer number of attempts
---@field metadata? table<string, string> what the API added to its error
---@field body? string the first 2 KiB of an error response, without the API key
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

-- Messages contain file names and ids.
local one_line = core.one_line

--- Replaces the message of an error.
---@param err novita.Error
---@param message string
---@return novita.Error err
---@package
function error_module.reword(err, message)
  err.message = one_line(message)
  return err
end

--- Marks an error as ambiguous. Repeating its request could pay twice, so it is not retryable.
---@param err novita.Error
---@return novita.Error err
---@package
function error_module.mark_ambiguous(err)
  err.ambiguous, err.retryable = true, false
  return err
end

--- Makes an error object.
---@param fields table the fields of novita.Error; kind and message are required
---@return novita.Error
function error_module.new(fields)
  fields.code = fields.code or fields.kind
  fields.message = fields.message and one_line(fields.message)
  local made = setmetatable(fields, metatable)
  return made.ambiguous and error_module.mark_ambiguous(made) or made
end

error_module.is = require "novita.base.is_error"

--- Whether a raised value is Lua's own out-of-memory error.
---@param raised any
---@return boolean
function error_module.is_memory(raised)
  return raised == "not enough memory"
end

--- Makes an error object of a value that was raised where nothing should raise.
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
