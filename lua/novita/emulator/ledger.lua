--- Requests and responses: a log of limited length, and counts of all of them.

local BODY_KEPT = 64 * 1024 -- bytes of a body; the log omits larger bodies

local ledger = {}

---@param limit integer length of the log
function ledger.new(limit)
  return { limit = limit, log = {}, first = 1, last = 0, routes = {}, upload_authorization = 0 }
end

local function remember(book, entry)
  book.last = book.last + 1
  book.log[book.last] = entry
  while book.last - book.first + 1 > book.limit do
    book.log[book.first] = nil
    book.first = book.first + 1
  end
end

local function counts(book, name)
  local found = book.routes[name]
  if not found then
    found = { requests = 0, responses = {} }
    book.routes[name] = found
  end
  return found
end

--- Logs a request before it is handled.
---@return table entry
function ledger.received(state, request)
  local book, route = state.ledger, request.route
  local entry = {
    method = request.method, target = request.target, path = request.path, route = route.name,
    headers = request.headers, body_bytes = #request.body, at = state.clock:now(),
    body = not route.storage and #request.body <= BODY_KEPT and request.body or nil,
  }
  local count = counts(book, route.name)
  count.requests = count.requests + 1
  if route.storage and request.headers.authorization then
    book.upload_authorization = book.upload_authorization + 1
  end
  remember(book, entry)
  return entry
end

--- Adds the result: a status, or how the connection ended.
function ledger.responded(state, entry, response)
  local count = counts(state.ledger, entry.route).responses
  local result = response.abort or tostring(response.status)
  entry.status = not response.abort and response.status or nil
  entry.result = result
  count[result] = (count[result] or 0) + 1
end

--- The log, oldest first.
---@return table[]
function ledger.entries(state)
  local book = state.ledger
  return table.move(book.log, book.first, book.last, 1, {})
end

return ledger
