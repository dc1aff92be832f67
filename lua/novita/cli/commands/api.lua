--- novita api

local account = require "novita.cli.account"
local exit_status = require "novita.cli.exit_status"
local json = require "novita.cli.json"

local api = {
  description = "Sends a GET request with your API key, and prints the response as JSON. It is for "
    .. "what no command shows. It sends nothing that costs money.",
  examples = {
    { "novita api GET /v3/user", "print what the service says about the account" },
    { "novita api GET /v3/model filter.visibility=private", "with a query" },
  },
  json = false,
}

function api.define(command)
  command:argument("method", "The method: only GET costs nothing."):choices { "GET" }
  command:argument("path", "The path, such as /v3/user."):argname "<path>"
  command:argument("query", "Parts of the query."):args "*":argname "<name=value>"
  require("novita.cli.option").account(command)
end

local function query_of(words)
  local query = {}
  for _, word in ipairs(words) do
    local name, value = word:match "^([^=]+)=(.*)$"
    if not name then
      exit_status.wrong("the query must have the form name=value, got %s", word)
    end
    query[name] = value
  end
  return query
end

function api.run(arguments, ui)
  local query = query_of(arguments.query)
  local client <close> = account.open_brief(arguments, ui)
  local value, err = exit_status.checked(client.request, client, arguments.method, arguments.path,
    { query = query })
  if value == nil then
    error(err, 0)
  end
  io.stdout:write(json.encode(value), "\n")
end

return api
