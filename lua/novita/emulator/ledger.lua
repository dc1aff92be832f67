--- What was asked and what was answered: a bounded log, and counts that never forget.

local BODY_KEPT = 64 * 1024 -- bytes of a body that the log keeps; larger ones are not kept at all

local ledger = {}

---@param limit integer requests that the log keeps
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
    found = { requests = 0, answers = {} }
    book.routes[name] = found
  end
  return found
end

--- Takes a request down before anything is done with it.
---@return table entry
function ledger.asked(world, route, request)
  local book = world.ledger
  local entry = {
    method = request.method, target = request.target, path = request.path, route = route.name,
    headers = request.headers, body_bytes = #request.body, at = world.clock:now(),
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

--- Adds what became of it: a status, or the way in which the connection ended.
function ledger.answered(world, entry, answer)
  local count = counts(world.ledger, entry.route).answers
  local outcome = answer.abort or tostring(answer.status)
  entry.status = not answer.abort and answer.status or nil
  entry.outcome = outcome
  count[outcome] = (count[outcome] or 0) + 1
end

--- The log, oldest first.
---@return table[]
function ledger.entries(world)
  local book = world.ledger
  return table.move(book.log, book.first, book.last, 1, {})
end

return ledger
