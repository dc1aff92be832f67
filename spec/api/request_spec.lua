local fixtures = require "support.fixtures"
local refusal = require "support.refusal"
local responses = require "support.responses"

describe("client:request", function()
  it("sends any request, and returns the decoded response", function()
    local client, requests = responses.client '{"code":0,"data":{"x":1}}'
    assert.same({ x = 1 }, client:request("GET", "/v3/some/thing",
      { query = { b = "a b", a = 1, c = true } }))
    assert.equal("http://127.0.0.1:9/v3/some/thing?a=1&b=a%20b&c=true", requests[1].url)
    assert.is_true(requests[1].authenticated)
    assert.is_falsy(requests[1].paid)
    client:request("POST", "/v3/x", { body = { n = 1 } })
    assert.equal('{"n":1}', requests[2].body)
    assert.is_true(requests[2].paid)
    client:request("POST", "/v3/x")
    assert.is_nil(requests[3].body)
    client:close()
  end)

  it("repeats a GET after a lost response, and never a POST", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    service:fault { kind = "reset_after", route = "user" }
    assert.is_table(client:request("GET", "/v3/user"))
    assert.equal(2, service:ledger().routes.user.requests)
    service:fault { kind = "reset_after", route = "create" }
    local value, err = client:request("POST", "/v3/training/subject", { body = { name = "x" } })
    assert.is_nil(value)
    assert.is_true(err.ambiguous)
    assert.matches("^POST /v3/training/subject: ", tostring(err))
    assert.equal(1, service:ledger().routes.create.requests)
  end)

  it("returns the service's refusal", function()
    local client = responses.client { status = 404, body = '{"reason":"API_NOT_FOUND"}' }
    local value, err = client:request("POST", "/v3/none")
    assert.is_nil(value)
    assert.same({ 404, "API_NOT_FOUND" }, { err.status, err.code })
    assert.is_falsy(err.ambiguous)
    client:close()
  end)

  it("takes the key nowhere else: wrong use raises at the caller's line", function()
    local client, requests = responses.client "{}"
    for _, path in ipairs { "https://evil.example/v3", "//evil.example/v3", "@evil.example",
      "v3/user", "/", "", "/v3 /user", "/v3?x=1", "/v3#x", "/v3\r\nX: y", "/\\evil" } do
      assert.matches('^path must be a path of the API such as "/v3/user", got ',
        refusal(client.request, client, "GET", path))
    end
    assert.equal('method must be "GET" or "POST", got "DELETE"',
      refusal(client.request, client, "DELETE", "/v3/x"))
    assert.equal("body is for POST: a GET has a query",
      refusal(client.request, client, "GET", "/v3/x", { body = {} }))
    assert.equal("qeury is not an option of a request: did you mean query?",
      refusal(client.request, client, "GET", "/v3/x", { qeury = {} }))
    assert.equal("query.a must be a string, a number or a boolean, got a table",
      refusal(client.request, client, "GET", "/v3/x", { query = { a = {} } }))
    assert.equal(0, #requests)
    client:close()
  end)
end)
