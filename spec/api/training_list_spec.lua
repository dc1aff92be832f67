local emulator = require "novita.emulator"
local errors = require "novita.base.error"
local helper = require "support.emulator"
local refusal = require "support.refusal"
local responses = require "support.responses"

local EXAMPLE = [[{"tasks":[
  {"task_name":"test_01","task_id":"a0","task_type":"subject","task_status":"SUCCESS",
   "created_at":1699325415,"models":[{"model_name":"model_1699325939_E83A88DAC5.safetensors",
   "model_status":"SERVING"}]},
  {"task_name":"test_02","task_id":"a1","task_type":"subject","task_status":"FAILED",
   "created_at":1699325400,"models":[]},
  {"task_name":"test_01","task_id":"a2","task_type":"style","task_status":"QUEUING",
   "created_at":"1699325300","models":null}],"pagination":{"next_cursor":"c_10"}}]]

local function task(id)
  return ('{"task_id":"%s","task_name":"n","task_type":"subject","task_status":"SUCCESS",'
    .. '"created_at":5,"models":[]}'):format(id)
end

local function page(cursor, ...)
  local tasks = {}
  for i, id in ipairs { ... } do tasks[i] = task(id) end
  return ('{"tasks":[%s],"pagination":{"next_cursor":%s}}')
    :format(table.concat(tasks, ","), cursor and '"' .. cursor .. '"' or "null")
end

-- Responses by the requested cursor; "" is the first page.
local function pages(by_cursor, otherwise)
  return responses.client(function(request)
    local cursor = request.url:match "pagination%.cursor=([^&]*)" or ""
    return by_cursor[cursor] or otherwise or error("asked for the cursor " .. cursor)
  end)
end

local function ids(client, filter)
  local list = {}
  for entry in client.trainings:list(filter) do list[#list + 1] = entry.task_id end
  return table.concat(list, " ")
end

describe("the list of trainings", function()
  it("reads the page's example, which has a cursor on its last page", function()
    local client, requests = responses.client(EXAMPLE)
    local all = assert(client.trainings:list():all())
    assert.equal(3, #all)
    assert.same({
      task_id = "a0", task_name = "test_01", task_type = "subject", task_status = "SUCCESS",
      created_at = 1699325415,
      models = { { model_name = "model_1699325939_E83A88DAC5.safetensors",
        model_status = "SERVING" } },
    }, all[1])
    assert.equal("integer", math.type(all[3].created_at))
    assert.same({}, all[3].models)
    assert.equal("http://127.0.0.1:9/v3/training?pagination.limit=100", requests[1].url)
    assert.equal(2, #requests) -- the second has the cursor that it used
  end)

  it("follows cursors as they are", function()
    local client, requests = pages {
      [""] = page("c_WzgwNDY2NiwiNTUxOTkiXQ==", "1", "2"),
      ["c_WzgwNDY2NiwiNTUxOTkiXQ%3D%3D"] = page("", "3", "4"),
    }
    assert.equal("1 2 3 4", ids(client, { page_size = 2 }))
    assert.equal(2, #requests)
  end)

  for name, case in pairs {
    ["an empty page whose cursor is not new"] = { { [""] = page("c_2", "1", "2"),
      c_2 = page("c_2") }, "1 2", 2 },
    ["no cursor"] = { { [""] = page(nil, "1", "2") }, "1 2", 1 },
    ["an empty cursor"] = { { [""] = page("", "1", "2") }, "1 2", 1 },
    ["the cursor just used"] = { { [""] = page("c_2", "1", "2"), c_2 = page("c_2", "3", "4") },
      "1 2 3 4", 2 },
    ["a cursor used before"] = { { [""] = page("a", "1", "2"), a = page("b", "3", "4"),
      b = page("a", "5", "6") }, "1 2 3 4 5 6", 3 },
    ["no pagination at all"] = { { [""] = '{"tasks":[' .. task(1) .. "," .. task(2) .. "]}" },
      "1 2", 1 },
  } do
    it("ends with " .. name, function()
      local client, requests = pages(case[1])
      local listing, found = client.trainings:list { page_size = 2 }, {}
      for entry in listing do found[#found + 1] = entry.task_id end
      assert.equal(case[2], table.concat(found, " "))
      assert.equal(case[3], #requests)
      assert.is_true(listing.complete)
    end)
  end

  for name, case in pairs {
    ["a capped page"] = page("c_4", "3"),
    ["a page that is filtered empty"] = page "c_4",
    ["a page with nothing new"] = page("c_4", "2", "1"),
  } do
    it("reads on after " .. name .. " with a new cursor", function()
      local client = pages { [""] = page("c_2", "1", "2"), c_2 = case, c_4 = page(nil, "8", "9") }
      assert.equal(case:find '"3"' and "1 2 3 8 9" or "1 2 8 9", ids(client, { page_size = 2 }))
    end)
  end

  it("proves nothing after many empty pages", function()
    local asked = 0
    local client = responses.client(function()
      asked = asked + 1
      return page("c_" .. asked, table.unpack(asked == 1 and { "1" } or {}))
    end)
    local listing = client.trainings:list()
    assert.equal(1, #assert(listing:all()))
    assert.is_false(listing.complete)
    assert.equal(21, asked)
  end)

  it("returns a task only once if it moved to the next page", function()
    local client = pages { [""] = page("c_2", "3", "2"), c_2 = page("", "2", "1") }
    assert.equal("3 2 1", ids(client, { page_size = 2 }))
  end)

  for name, case in pairs {
    ["name"] = { { name = "test_01" }, "a0 a2" },
    ["type"] = { { task_type = "style" }, "a2" },
    ["status"] = { { status = "SUCCESS" }, "a0" },
    ["several statuses"] = { { status = { "QUEUING", "FAILED" } }, "a1 a2" },
    ["time from"] = { { created_after = 1699325400 }, "a0 a1" },
    ["time to"] = { { created_before = 1699325400 }, "a2" },
    ["all of them"] = { { name = "test_01", created_before = 1699325400, status = "SUCCESS" }, "" },
  } do
    it("filters by " .. name, function()
      assert.equal(case[2], (ids(responses.client(EXAMPLE), case[1])))
    end)
  end

  it("keeps a task of unknown age, whatever the time filter", function()
    local client = responses.client '{"tasks":[{"task_id":"x"}]}'
    assert.same({ { task_id = "x", task_status = "UNKNOWN", models = {} } },
      client.trainings:list({ created_after = 5 }):all())
  end)

  it("raises in a for loop, and returns an error from all(), if the service fails", function()
    local client = pages({ [""] = page("c_2", "1", "2") },
      { status = 403, body = '{"code":403,"reason":"INVALID_API_KEY","message":"invalid"}' })
    local listing = client.trainings:list { page_size = 2 }
    assert.equal("1", listing().task_id)
    assert.equal("2", listing().task_id)
    local ok, err = pcall(listing)
    assert.is_false(ok)
    assert.is_true(errors.is(err))
    assert.equal("INVALID_API_KEY", err.code)
    local none, again = listing:all()
    assert.is_nil(none)
    assert.equal("INVALID_API_KEY", again.code)
    assert.equal("INVALID_API_KEY", select(2, listing:first()).code)
  end)

  local STATUS <const> =
    'status must be "CANCELED", "FAILED", "QUEUING", "SUCCESS", "TRAINING" or "UNKNOWN", got '

  for _, case in ipairs {
    { { page_size = 101 }, "page_size must be an integer from 1 to 100, got 101" },
    { { kind = "style" }, "kind is not a field of a list of trainings: the fields are task_type, "
      .. "name, status, created_after, created_before, page_size" },
    { { task_type = "face" }, 'task_type must be "subject" or "style", got "face"' },
    { { status = 5 }, STATUS .. "5" },
    { { status = "Success" }, STATUS .. '"Success" (did you mean "SUCCESS"?)' },
    { { status = { "NONSENSE" } }, STATUS .. '"NONSENSE"' },
    { { status = {} }, "status is an empty list: leave it out to get all" },
  } do
    it("refuses " .. case[2], function()
      local client = responses.client "{}"
      assert.equal(case[2], refusal(client.trainings.list, client.trainings, case[1]))
    end)
  end
end)

describe("the emulator's list", function()
  local function open(service)
    return service:client()
  end

  for _, mode in ipairs { "plain", "always_cursor" } do
    it("is read to its end, both kinds, newest first: " .. mode, function()
      local service <close> = assert(emulator.start { speed = 0, list_mode = mode })
      local client <close> = open(service)
      local made = {}
      for i = 1, 4 do
        made[5 - i] = helper.train(service, 1, function(body) body.name = "n" .. i end)
        service:advance(1)
      end
      assert.equal(table.concat(made, " "), ids(client, { page_size = 2 }))
      assert.equal(table.concat(made, " "), ids(client, { page_size = 3 }))
      assert.equal(made[2], ids(client, { name = "n3" }))
      assert.equal("", ids(client, { task_type = "style" }))
    end)
  end
end)
