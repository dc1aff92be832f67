-- Compares everything that has to know an endpoint with the table novita.fields.endpoints.
--   lua5.4 tools/lint/endpoints.lua [build]    (the folder with the C modules)
-- Prints what is missing for which endpoint, and exits with status 1 if anything is. docs/api,
-- docs/coverage.md and docs/faults.md are generated: tools/generate --check compares those.

package.path = "tools/lint/?.lua;tools/docs/?.lua;lua/?.lua;lua/?/init.lua;spec/?.lua;"
  .. package.path
package.cpath = (arg[1] or "build") .. "/?.so;" .. package.cpath

local annotations = require "annotations"
local cases = require "support.wire_cases"
local endpoints = require "novita.fields.endpoints"
local matrix = require "support.fault_matrix"
local report = require "report"
local router = require "novita.service.router"
local sources = require "sources"

local guide = sources.read "docs/emulator.md"

local function has(list, key, value)
  for _, item in ipairs(list) do
    if item[key] == value then return true end
  end
  return false
end

local function paths_of(endpoint)
  return { endpoint.path, table.unpack(endpoint.older_paths or {}) }
end

-- {====== one endpoint ======

-- Each check returns what is missing, or nil.
local checks = {}

-- The method of the client, such as training:create in lua/novita/api/trainings.lua.
function checks.client(endpoint)
  local group, method = endpoint.call:match "^(%w+):(%w+)$"
  local source = ("lua/novita/api/%s.lua"):format(group)
  for _, fn in ipairs(sources.exists(source) and annotations.read(source) or {}) do
    if fn.name == method then
      local documented = #fn.doc.text > 0 and #fn.doc.results > 0
      return not documented and ("%s: no sentence or no ---@return"):format(source) or nil
    end
  end
  return ("%s: no method %s"):format(source, method)
end

function checks.api(_, name)
  local kind = name:match "^create_(.*)" or name:match "^get_(.*)"
  for _, path in ipairs(sources.files "'lua/novita/api/*.lua'") do
    local text = sources.read(path)
    if text:find(("endpoint(%q"):format(name), 1, true)
      or kind and text:find('endpoint%("%l+_" %.%. task_type') then
      return nil
    end
  end
  return "lua/novita/api: nothing calls it"
end

function checks.fields(endpoint)
  return endpoint.fields and not pcall(require, endpoint.fields)
    and "there is no " .. endpoint.fields or nil
end

function checks.emulator(endpoint)
  for _, path in ipairs(paths_of(endpoint)) do
    local route = router.find(endpoint.method, path)
    if not route then
      return ("lua/novita/service/router.lua: no route %s %s"):format(endpoint.method, path)
    elseif path == endpoint.path and route.name ~= endpoint.route then
      return ("lua/novita/service/router.lua: %s is named %s, not %s"):format(path, route.name,
        endpoint.route)
    end
  end
end

function checks.emulator_guide(endpoint)
  for line in guide:gmatch "[^\n]+" do
    if line:find("`" .. endpoint.route .. "`", 1, true)
      and line:find(endpoint.path, 1, true) then
      return nil
    end
  end
  return ("docs/emulator.md: no row for `%s` with %s"):format(endpoint.route, endpoint.path)
end

function checks.wire(_, name)
  return not has(cases, "name", name) and "spec/support/wire_cases.lua: no case" or nil
end

function checks.faults(_, name)
  return not has(matrix.calls, "endpoint", name) and "spec/support/fault_matrix.lua: no call" or nil
end

-- spec/fuzz/corpus/make.lua writes these from the wire cases and from this table.
function checks.fuzz(endpoint, name)
  local response = "spec/fuzz/corpus/responses/" .. name
  local emulator = "spec/fuzz/corpus/emulator/" .. name
  if not sources.exists(response) then
    return ("spec/fuzz/corpus: no %s; run spec/fuzz/corpus/make.lua"):format(response)
  elseif not sources.exists(emulator) or not sources.read(emulator):find(
    ("%s %s"):format(endpoint.method, endpoint.path), 1, true) then
    return ("spec/fuzz/corpus: no %s with its path"):format(emulator)
  end
end

function checks.page(endpoint)
  local path = ("docs/api/%s.md"):format(endpoint.page)
  local heading = ("`client.%s("):format(endpoint.call)
  return not (sources.exists(path) and sources.read(path):find(heading, 1, true))
    and ("%s: no client.%s; see tools/docs/pages.lua"):format(path, endpoint.call) or nil
end

-- }======

-- Quoted paths of the API in the sources must be those of the table. The service has its own.
local function check_literals()
  -- the second is the path of a library
  local known = { ["/v3/training/"] = true, ["/opt/homebrew/lib/libheif.1.dylib"] = true }
  for _, endpoint in pairs(endpoints) do
    for _, path in ipairs(paths_of(endpoint)) do known[path] = true end
  end
  local patterns = "'csrc/*.c' 'lua/novita/*.lua' ':!lua/novita/emulator' ':!lua/novita/service'"
  for _, source in ipairs(sources.files(patterns)) do
    for path in sources.read(source):gmatch '"(/[vo][%w]+/[^"\n?]*)[?]?' do
      if not known[path] then
        report.complain("%s: %s is not in lua/novita/fields/endpoints.lua", source, path)
      end
    end
  end
end

local names = {}
for name in pairs(endpoints) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  for _, check in pairs(checks) do
    local missing = check(endpoints[name], name)
    if missing then report.complain("%s: %s", name, missing) end
  end
end
check_literals()
report.finish()
