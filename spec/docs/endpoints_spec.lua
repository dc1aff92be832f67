-- A half-done endpoint is reported: everything that has to know an endpoint is compared with
-- novita.fields.endpoints, and the words of the service with those of the C core.

local Checkout = require "support.checkout"
local endpoints = require "novita.fields.endpoints"
local statuses = require "novita.fields.statuses"

local copy

setup(function() copy = Checkout.copy() end)
teardown(function() copy:remove() end)

local TABLE = "lua/novita/fields/endpoints.lua"

-- Runs the check while files of the copy are changed: its complaints, one a line.
local function complaints_with(files)
  local list = {}
  copy:with_files(files, function()
    local ok, output = copy:lua "tools/lint/endpoints.lua build"
    for line in output:gmatch "[^\n]+" do list[#list + 1] = line end
    assert.equal(ok, #list == 0)
  end)
  return list
end

-- A text of the copy with one thing replaced.
local function changed(path, pattern, replacement)
  local text, count = copy:read(path):gsub(pattern, replacement, 1)
  assert.equal(1, count, path .. " has changed: this spec breaks nothing")
  return text
end

local function finds(path, pattern, replacement, expected)
  local list = complaints_with { [path] = changed(path, pattern, replacement) }
  assert.is_truthy(table.concat(list, "\n"):find(expected, 1, true), table.concat(list, "\n"))
end

describe("the check of endpoints", function()
  it("finds nothing in the tree as it is", function()
    assert.same({}, complaints_with {})
  end)

  it("names at least five things that are missing for an endpoint of code alone", function()
    local list = complaints_with {
      [TABLE] = changed(TABLE, "\nreturn {\n", [[%0
  usage = { method = "GET", path = "/v3/usage", kind = "get", what = "get usage",
    call = "account:usage", route = "usage", page = "account" },
]]),
      ["lua/novita/api/account.lua"] = changed("lua/novita/api/account.lua",
        "\nreturn function", [[

--- Asks how much the account has used.
---@return table? usage
---@return novita.Error? err
function Account:usage()
  return request.json(self.client, endpoint("usage", {}))
end
%0]]),
    }
    assert.is_true(#list >= 5, table.concat(list, "\n"))
    local text = table.concat(list, "\n")
    for _, place in ipairs { "lua/novita/service/router.lua: no route GET /v3/usage",
      "spec/support/wire_cases.lua: no case", "spec/support/fault_matrix.lua: no call",
      "spec/fuzz/corpus: no spec/fuzz/corpus/responses/usage", "docs/emulator.md: no row",
      "docs/api/account.md: no client.account:usage" } do
      assert.is_truthy(text:find("usage: " .. place, 1, true), text)
    end
    for _, line in ipairs(list) do assert.matches("^usage: ", line) end
  end)

  it("finds a row that nothing calls, and one whose method is not there", function()
    finds("lua/novita/api/account.lua", 'endpoint%("user"', 'endpoint("balance"',
      "user: lua/novita/api: nothing calls it")
    finds("lua/novita/api/account.lua", "\nfunction Account:get%(", "\nfunction Account:ask(",
      "user: lua/novita/api/account.lua: no method get")
  end)

  it("finds a path that is not in the table, in Lua and in C", function()
    finds("lua/novita/api/account.lua", "\nreturn function", '\nlocal _ = "/v3/other"%0',
      "lua/novita/api/account.lua: /v3/other is not in lua/novita/fields/endpoints.lua")
    finds("csrc/http/upload.c", "/v3/assets/training_dataset", "/v3/assets/other",
      "csrc/http/upload.c: /v3/assets/other is not in")
  end)

  it("finds another name of a route, of a case, of a call and of a seed", function()
    finds("lua/novita/service/router.lua", 'name = "user"', 'name = "account"',
      "user: lua/novita/service/router.lua: /v3/user is named account, not user")
    finds("spec/support/fault_matrix.lua", 'endpoint = "user"', 'endpoint = "balance"',
      "user: spec/support/fault_matrix.lua: no call")
    finds("docs/emulator.md", "/v3/async/img2img", "/v3/async/other",
      "img2img: docs/emulator.md: no row for `img2img` with /v3/async/img2img")
  end)
end)

describe("the table of endpoints", function()
  it("has a kind, a method and a call in each row", function()
    for name, endpoint in pairs(endpoints) do
      assert.matches("^%l[%w_]*$", name)
      assert.is_truthy(({ paid = true, get = true, list = true })[endpoint.kind])
      assert.is_truthy(({ GET = true, POST = true })[endpoint.method])
      assert.is_false(endpoint.kind == "paid" and endpoint.method ~= "POST")
    end
  end)
end)

describe("the words of the service", function()
  local function read(path)
    local file <close> = assert(io.open(path))
    return file:read "a"
  end

  it("are the same in C", function()
    local in_c, in_lua = {}, {}
    local kinds = { TRAINING = "training", RESULT = "image", MODEL = "model" }
    for word, kind, stage in read("csrc/watch/task_status.c")
      :gmatch '{"([%u_]+)", (%u+)_WORD, NOVITA_STAGE_(%u+)}' do
      in_c[kinds[kind] .. " " .. word] = stage:lower()
    end
    for kind, words in pairs(statuses) do
      for word, stage in pairs(words) do in_lua[kind .. " " .. word] = stage end
    end
    assert.same(in_lua, in_c)
  end)

  it("are those of the emulator", function()
    local known = {}
    for _, words in pairs(statuses) do
      for word in pairs(words) do known[word] = true end
    end
    for _, file in ipairs { "training", "images" } do
      local source = read(("lua/novita/emulator/%s.lua"):format(file))
      for word in source:gmatch '"(TASK_STATUS_%u+)"' do assert.is_true(known[word], word) end
      for word in source:gmatch 'status = "(%u+)"' do assert.is_true(known[word], word) end
    end
  end)

  it("are those that a request may ask for", function()
    for word in read("lua/novita/fields/generation_extra.lua"):gmatch '"(TASK_STATUS_%u+)"' do
      assert.is_truthy(statuses.image[word], word)
    end
  end)
end)
