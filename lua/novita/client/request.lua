--- Requests to endpoints that have no method.

local core = require "novita.core"
local decimal = require "novita.json.decimal"
local request = require "novita.http.request"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

---@class novita.RequestOptions
---@field query? table<string, string|number|boolean> appended to the path
---@field body? table encoded as JSON
---@field timeout? number seconds over all attempts (120; POST: the client's paid_timeout)

---@type novita.Rule
local definition = {
  type = "object",
  noun = "a request",
  member = "option",
  fields = {
    { name = "query", type = "table" },
    { name = "body", type = "table" },
    { name = "timeout", type = "any" }, -- novita.http.request
  },
}

local function check_path(path)
  if type(path) ~= "string" or not path:find "^/[^/]" or path:find "[%c%s?#\\]" then
    -- an absolute URL, or one without a scheme, would take the key to another host
    usage_error.must_be("path", 'a path of the API such as "/v3/user"', path)
  end
end

-- The same text in every locale.
local function text_of(value)
  return type(value) == "number" and value - value == 0 and decimal(value) or tostring(value)
end

local function query_of(query)
  local names, list = {}, {}
  for name, value in pairs(query or {}) do
    local kind = type(value)
    if type(name) ~= "string" then
      usage_error.must_be("query", "a table with names", query)
    elseif kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      usage_error.must_be("query." .. name, "a string, a number or a boolean", value)
    end
    names[#names + 1] = name
  end
  table.sort(names, core.before)
  for _, name in ipairs(names) do
    list[#list + 1], list[#list + 2] = name, text_of(query[name])
  end
  return list
end

local function check(method, path, options)
  if method ~= "GET" and method ~= "POST" then
    usage_error.must_be("method", '"GET" or "POST"', method)
  end
  check_path(path)
  local read = schema.apply(definition, options or {})
  if method == "GET" and read.body then
    usage_error.raise "body is for POST: a GET has a query"
  end
  return { query = query_of(read.query), body = options and options.body, timeout = read.timeout }
end

---@param client novita.Client
---@param method any
---@param path any
---@param options any
---@param level integer the stack level of the line that wrong use is reported at
---@return table? value
---@return novita.Error? err
return function(client, method, path, options, level)
  local read = usage_error.raise_at_caller(level, check, method, path, options)
  local paid = method == "POST"
  return request.json(client, {
    what = method .. " " .. path,
    method = method,
    path = path,
    query = read.query,
    body = read.body,
    paid = paid,
    timeout = read.timeout or paid and client.paid_seconds or nil,
  })
end
