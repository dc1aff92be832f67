-- Writes docs/coverage.md: every endpoint and every field of the API, and the spec that covers it.
--   lua5.4 tools/docs/coverage.lua          writes
--   lua5.4 tools/docs/coverage.lua --check  exit status 1 when the page is not up to date
-- Exit status 1 in both cases when a field is in no case of spec/support/wire_cases.lua, which
-- spec/api/wire_spec.lua sends and reads.

package.path = "lua/?.lua;lua/?/init.lua;spec/?.lua;" .. package.path
package.cpath = (os.getenv "BUILD" or "build") .. "/?.so;" .. package.cpath

local cases = require "support.wire_cases"
local json = require "novita.json"

local PAGE <const> = "docs/coverage.md"
local SPEC <const> = "spec/api/wire_spec.lua"

local lines, gaps = {}, {}

local function add(text, ...)
  lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
end

-- The values at a path such as "tasks[].models"; nil where there is none.
local function at(value, path)
  local name, rest = path:match "^([^.]+)%.?(.*)$"
  local list = name:find "%[%]$" ~= nil
  value = type(value) == "table" and value[(name:gsub("%[%]$", ""))] or nil
  if value == nil and type(value) ~= "boolean" then
    return nil
  end
  if list then
    value = value[1]
  end
  if rest == "" or value == nil then
    return value
  end
  return at(value, rest)
end

-- false is a value too.
local function has(value, path)
  local parent, last = path:match "^(.*)%.([^.]+)$"
  local holder = value
  if parent then
    holder = at(value, parent)
  end
  return type(holder) == "table" and holder[((last or path):gsub("%[%]$", ""))] ~= nil
end

local function paths_of(rule, prefix, list)
  for _, field in ipairs(rule.fields) do
    local path = prefix .. field.name
    list[#list + 1] = path
    if field.type == "object" then
      paths_of(field, path .. ".", list)
    elseif field.items and field.items.fields then
      paths_of(field.items, path .. "[].", list)
    end
  end
  return list
end

local function request_fields(case)
  if case.rule then
    return paths_of(require(case.rule), "", {})
  elseif case.definition then
    return paths_of(require(case.definition).definition, "", {})
  end
  return case.fields or {}
end

local function is_sent(case, path)
  if case.body then
    return has(json.decode(case.body), path)
  end
  return (case.query or ""):find("[?&]" .. path:gsub("%p", "%%%0") .. "=") ~= nil
end

local function row(case, path, where, covered)
  if not covered then
    gaps[#gaps + 1] = ("%s %s: %s %s"):format(case.method, case.endpoint, where, path)
  end
  add("| `%s` | %s | %s |", path, where, covered and SPEC or "**none**")
end

-- What the emulator's and the client's own specs say about an endpoint beyond its fields.
local function specs_of(endpoint)
  local found = {}
  local grep = "grep -rlF --include='*_spec.lua' -- '%s' spec | sort"
  local pipe = assert(io.popen(grep:format(endpoint)))
  for name in pipe:lines() do
    found[#found + 1] = "`" .. name .. "`"
  end
  pipe:close()
  return table.concat(found, ", ")
end

add "# What is covered"
add ""
add "Made by `lua5.4 tools/docs/coverage.lua` from the definitions that check requests and"
add "from the cases of `spec/support/wire_cases.lua`. It fails where a field is in no case."
add ""
add "Beyond the fields: `spec/api/contradictions_spec.lua` has one spec for each place in which the"
add "API's pages contradict each other, `spec/http/response_fuzz_spec.lua` 10,000 damaged responses"
add "for each endpoint, `spec/http/error_codes_spec.lua` every name and shape of an error,"
add "`spec/api/webhook_spec.lua` the events, `spec/api/models_spec.lua` downloads,"
add "`spec/emulator/node_interop_spec.lua` the official JavaScript SDK."
add ""
for _, case in ipairs(cases) do
  add("## %s %s", case.method, case.endpoint)
  add ""
  local also = specs_of(case.endpoint)
  if also ~= "" then
    add("Also in %s.", also)
    add ""
  end
  add "| field | in the | covered by |"
  add "| --- | --- | --- |"
  for _, path in ipairs(request_fields(case)) do
    row(case, path, "request", is_sent(case, path))
  end
  local answer = json.decode(case.answer)
  for _, path in ipairs(case.answered) do
    row(case, path, "answer", has(answer, path))
  end
  add ""
end

for _, gap in ipairs(gaps) do
  io.stderr:write("not covered: ", gap, "\n")
end
local page = table.concat(lines, "\n")
if arg[1] == "--check" then
  local file = assert(io.open(PAGE))
  local same = file:read "a" == page
  file:close()
  if not same then
    io.stderr:write(PAGE, " is not up to date: run lua5.4 tools/docs/coverage.lua\n")
  end
  os.exit(same and #gaps == 0)
end
local file = assert(io.open(PAGE, "w"))
file:write(page)
file:close()
os.exit(#gaps == 0)
