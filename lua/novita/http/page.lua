--- One page of a list at the service: its items and the next cursor.

local response = require "novita.http.response"
local coerce = require "novita.json.coerce"

local function malformed(what, why)
  return nil, response.malformed(what, { status = 200, body = "" }, why)
end

--- Reads a page. A response without the list and without pagination is not an empty list, and
-- neither is a list of unreadable entries: code that looks for a paid task must not conclude that
-- the task does not exist.
---@param what string the start of an error's line
---@param value table the decoded response
---@param name string of the list in it
---@param read fun(entry: table): any nil leaves the entry out
---@return any[]? items
---@return string|novita.Error|nil next_cursor
local function page(what, value, name, read)
  if type(value[name]) ~= "table" and type(value.pagination) ~= "table" then
    return malformed(what, ("has no %s"):format(name))
  end
  local entries = coerce.object(value[name])
  local items = coerce.list(entries, read)
  if next(entries) ~= nil and not items[1] then
    return malformed(what, ("has %s that cannot be read"):format(name))
  end
  return items, coerce.word(coerce.object(value.pagination).next_cursor)
end

return page
