--- One page of a list at the service: its items and the next cursor.

local response = require "novita.http.response"
local coerce = require "novita.json.coerce"

local function malformed(what, why)
  return nil, response.malformed(what, { status = 200, body = "" }, why)
end

--- Reads it. An answer that has neither the list nor a word about pages is no empty list, and
-- neither is one of entries that cannot be read: whoever looks for a task that was paid for must
-- not take it for "there is none".
---@param what string the start of an error's line
---@param value table the answer
---@param name string of the list in it
---@param read fun(entry: table): any nil leaves the entry out
---@return any[]? items
---@return string|novita.Error|nil next_cursor
---@return integer? count of the entries, those that were left out too: it tells a full page
local function page(what, value, name, read)
  if type(value[name]) ~= "table" and type(value.pagination) ~= "table" then
    return malformed(what, ("has no %s"):format(name))
  end
  local entries = coerce.object(value[name])
  local items = coerce.list(entries, read)
  if next(entries) ~= nil and not items[1] then
    return malformed(what, ("has %s that cannot be read"):format(name))
  end
  return items, coerce.word(coerce.object(value.pagination).next_cursor), #entries
end

return page
