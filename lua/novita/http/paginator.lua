--- A list at the service, read page by page: `for item in listing do`.
--
-- The end of a list is not documented, and the example in the documentation gives a next cursor on
-- the last page. The end is proven by a cursor that is missing, empty or was used before. A short
-- page proves nothing, because a service may cap or filter its pages. After a page without new
-- items but with a new cursor, reading continues; after 20 such pages in a row the iteration ends
-- without proof. Repeated items are skipped: new tasks push old ones onto the next page meanwhile.
-- Several coroutines may read one list: each item goes to one of them.

local caller = require "novita.async.caller"
local core = require "novita.core"
local errors = require "novita.base.error"
local Future = require "novita.async.future"
local fibers = require "novita.async.fiber"
local methods = require "novita.base.methods"

local EMPTY_MOST <const> = 20 -- pages without new items in a row

---@class novita.Listing
---@field complete? boolean after the last item: whether the list's end was proven. If it is false,
--- an item that was not returned may exist
local Listing = { __name = "novita.Listing" }
Listing.__index = Listing

---@class novita.ListingOptions
---@field fetch fun(cursor: string?, timeout: number?): any[]?, string|novita.Error|nil
--- returns the items of a page and the next cursor, or nil and an error
---@field loop novita.async.Loop of the client
---@field id fun(item: any): any the identity of an item, or nil
---@field keep? fun(item: any): boolean which items to return

---@param options novita.ListingOptions
---@return novita.Listing
local function new(options)
  return setmetatable({
    fetch = options.fetch,
    loop = options.loop,
    id = options.id,
    keep = options.keep,
    page = {},
    at = 0,
    used = {},
    seen = {},
    empty = 0, -- pages without new items in a row
  }, Listing)
end

local function take_new(self, items)
  local fresh, counted = {}, 0
  for _, item in ipairs(items) do
    local id = self.id(item)
    if id == nil or not self.seen[id] then
      counted = counted + 1
      fresh[#fresh + 1] = (not self.keep or self.keep(item)) and item or nil
    end
    if id ~= nil then
      self.seen[id] = true
    end
  end
  return fresh, counted
end

-- Whether the cursor that came with a page proves that the page was the last one.
local function is_last(self, cursor)
  return type(cursor) ~= "string" or cursor == "" or self.used[cursor] ~= nil
end

local turned = {
  __close = function(self)
    local turning = self.listing.turning
    self.listing.turning = nil
    turning:finish(true)
  end,
}

-- Fetches the next page; raises the error object if that fails.
local function turn(self, timeout)
  local items, cursor = self.fetch(self.cursor, timeout)
  if not items then
    error(cursor, 0)
  end
  local counted
  self.page, counted = take_new(self, items)
  self.at = 0
  self.empty = counted == 0 and self.empty + 1 or 0
  local last = is_last(self, cursor)
  if last or self.empty == EMPTY_MOST then
    self.over, self.complete = true, last
  end
  self.cursor = cursor
  self.used[cursor or ""] = true
end

-- One coroutine fetches the page; others that read the same list wait for it.
local function turn_alone(self, deadline)
  local timeout = deadline and math.max(deadline - core.now(), 0.001)
  if self.turning then
    local turned_by_other, err = self.turning:wait(timeout)
    return turned_by_other or error(err, 0)
  end
  self.turning = Future.new { loop = self.loop }
  local _ <close> = setmetatable({ listing = self }, turned)
  turn(self, timeout)
end

-- The next item, nil at the end. Raises an error object if the service fails, because a loop could
-- not distinguish nil from the end. A call after a failure fetches the same page again.
local function next_item(self, deadline)
  while self.at == #self.page do
    if self.over then
      return nil
    end
    turn_alone(self, deadline)
  end
  self.at = self.at + 1
  return self.page[self.at]
end

function Listing:__call()
  return next_item(self)
end

-- Wrong use that would otherwise see an empty list, or the fields of this file.
local function refuse()
  caller.raise "this list is read page by page: write for item in list do, or take list:all()"
end

Listing.__len, Listing.__pairs = refuse, refuse

-- For ipairs and list[1]; the fields that are nil come here too.
setmetatable(Listing, {
  __index = function(_, key)
    if type(key) == "number" then
      refuse()
    end
  end,
})

function Listing:__tostring()
  return ("novita.Listing (%d items of this page left%s)"):format(#self.page - self.at,
    self.over and ", the last one" or "")
end

local function result_of(self, ok, value)
  if ok then
    return value
  elseif errors.is(value) and not (value.kind == "canceled" and fibers.current(self.loop)) then
    return nil, value
  end
  error(value, 0) -- a bug, or the coroutine that waits here was canceled
end

local function deadline_of(timeout)
  caller.check_timeout(timeout)
  return timeout and core.now() + timeout
end

local function collect(self, deadline)
  local items = {}
  local item = next_item(self, deadline)
  while item ~= nil do
    items[#items + 1] = item
    item = next_item(self, deadline)
  end
  return items
end

--- All remaining items.
---@param timeout? number seconds for all pages; default 120 for each
---@return any[]? items
---@return novita.Error? err
function Listing:all(timeout)
  return result_of(self, pcall(collect, self, deadline_of(timeout)))
end

--- The next item, without raising.
---@param timeout? number seconds; default 120 for each page
---@return any item nil at the end, and if the service fails
---@return novita.Error? err
function Listing:first(timeout)
  return result_of(self, pcall(next_item, self, deadline_of(timeout)))
end

local function search(self, fits, deadline)
  local item = next_item(self, deadline)
  while item and not fits(item) do
    item = next_item(self, deadline)
  end
  return item
end

--- The next item that fits, without raising.
---@package
function Listing:find(fits, timeout)
  return result_of(self, pcall(search, self, fits, deadline_of(timeout)))
end

methods.need_colon(Listing, "list", { "all", "first" })

return new
