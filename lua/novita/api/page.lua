--- One page of a list at the service: its items and the next cursor.

local answer = require "novita.api.answer"
local shape = require "novita.api.shape"

--- Reads it. An answer that has neither the list nor a word about pages is no empty list: whoever
-- looks for a task that was paid for must not take it for "there is none".
---@param what string the start of an error's line
---@param value table the answer
---@param name string of the list in it
---@param read fun(entry: table): any nil leaves the entry out
---@return any[]? items
---@return string|novita.Error|nil next_cursor
local function page(what, value, name, read)
  if type(value[name]) ~= "table" and type(value.pagination) ~= "table" then
    local reply = { status = 200, body = "" }
    return nil, answer.malformed(what, reply, ("has no %s"):format(name))
  end
  return shape.list(value[name], read), shape.word(shape.object(value.pagination).next_cursor)
end

return page
