-- Each call with every field: its request is compared with the API's pages byte for byte, and its
-- response with the expected result.

local cases = require "support.wire_cases"
local json = require "novita.json"
local responses = require "support.responses"

local function plain(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, inner in pairs(value) do copy[key] = plain(inner) end
  return copy
end

for _, case in ipairs(cases) do
  describe(case.method .. " " .. case.endpoint, function()
    local function made()
      local call = case.make()
      local client, requests = responses.client(case.response)
      local value, err = call(client)
      assert.is_nil(err)
      return value, requests
    end

    it("sends exactly the expected body", function()
      local _, requests = made()
      local request = requests[#requests]
      assert.equal(case.calls or 1, #requests)
      assert.equal(case.method, request.method)
      assert.equal("http://127.0.0.1:9" .. case.endpoint .. (case.query or ""), request.url)
      assert.equal(case.body, request.body)
      assert.is_true(request.authenticated)
    end)

    it("never sends null or empty values", function()
      local _, requests = made()
      for _, word in ipairs { "null", "%[%]", "{}" } do
        assert.is_nil((requests[1].body or ""):find(word))
      end
    end)

    it("returns every field", function()
      assert.same(case.read, plain((made())))
    end)

    it("is sent once if it costs money, and repeated if not", function()
      local _, requests = made()
      assert.equal(case.paid, requests[1].paid == true)
    end)
  end)
end

describe("the page's examples", function()
  it("survive decoding and encoding unchanged", function()
    for _, case in ipairs(cases) do
      if case.body then
        local definition = case.rule and require(case.rule)
          or case.definition and require(case.definition).definition
        assert.equal(case.body, json.encode(json.decode(case.body), { order = definition }))
      end
    end
  end)
end)
