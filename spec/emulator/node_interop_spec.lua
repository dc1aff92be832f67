-- Other clients: Novita's official JavaScript SDK with the emulator, and Amazon's signer compared
-- with ours. It needs node and npm with a network, and is pending without them.

local cjson = require("cjson").new()
local emulator = require "novita.emulator"
local helper = require "support.emulator"
local link_check = require "novita.service.link_check"
local node = require "support.node"
local query = require "novita.service.query"
local sigv4 = require "novita.service.sigv4"

local ready, why = node.ready()

describe("the official JavaScript SDK", function()
  if not ready then
    pending("on the emulator: " .. why)
    return
  end

  local reports, service, photo = {}, nil, os.tmpname()

  setup(function()
    service = assert(emulator.start { speed = 100, queue_seconds = 0.1 })
    local file = assert(io.open(photo, "wb"))
    file:write(helper.photo(1))
    file:close()
    for line in node.run("js_sdk.js", service.base_url, service.api_key, photo):gmatch "[^\n]+" do
      local entry = cjson.decode(line)
      reports[entry.name] = entry
    end
  end)

  teardown(function()
    service:stop()
    os.remove(photo)
  end)

  local function value(name) return assert(reports[name], name .. " is not reported").value end

  it("uploads and trains until the model serves", function()
    assert.matches("^%x+$", value "presign".assets_id)
    assert.equal(200, value "put")
    local state = value "status"
    assert.equal(value "create".task_id, state.task_id)
    assert.equal("SUCCESS", state.task_status)
    assert.equal("SERVING", state.models[1].model_status)
    assert.equal(state.task_id, value "status by body".task_id)
    assert.equal(1, #service:ledger().tasks)
  end)

  it("lists, with dots and with brackets", function()
    assert.equal(1, #value "list".tasks)
    assert.same(value "list", value "list in brackets")
    assert.equal(value "status".models[1].model_name, value "models".models[1].sd_name)
  end)

  for _, kind in ipairs { "txt2Img", "img2Img" } do
    it("generates with " .. kind, function()
      local result = value(kind .. " result")
      assert.equal(value(kind).task_id, result.task.task_id)
      assert.equal("TASK_STATUS_SUCCEED", result.task.status)
      assert.equal("image/png", value(kind .. " image"))
    end)
  end

  it("reads our errors", function()
    assert.same({ code = 404, msg = "task not found", reason = "TASK_NOT_FOUND" },
      reports["missing task"].error)
    assert.equal(400, reports["bad body"].error.code)
    assert.equal("VALIDATOR", reports["bad body"].error.reason)
    assert.equal("INVALID_API_KEY", reports["wrong key"].error.reason)
  end)

  it("is accepted with a bare key and with a Bearer token", function()
    assert.truthy(value "bearer".credit_balance)
    for _, request in ipairs(service:requests()) do
      if request.route == "create" then
        assert.equal(service.api_key, request.headers.authorization)
      end
    end
  end)
end)

describe("Amazon's signer", function()
  if not ready then
    pending("against ours: " .. why)
    return
  end

  local credentials = { access_key = "AKIAIOSFODNN7EXAMPLE", region = "ap-southeast-1",
    service = "s3", secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }
  local AT = 1795429230
  local ours, theirs

  setup(function()
    ours = sigv4.presign(credentials, { method = "PUT", scheme = "http", host = "127.0.0.1:8080",
      path = "/training-dataset/prod/a b+c.png", at = AT, expires = 600, operation = "PutObject" })
    theirs = cjson.decode(node.run("aws_presign.js", cjson.encode {
      endpoint = "http://127.0.0.1:8080", bucket = "training-dataset", key = "prod/a b+c.png",
      access_key = credentials.access_key, secret = credentials.secret,
      region = credentials.region, expires = 600, at = AT, url = ours,
    }))
  end)

  local function refusal(url, at)
    local host, rest = url:match "^%a+://([^/]+)(.*)$"
    local path, raw_query = query.split(rest)
    return link_check.refusal(credentials, { method = "PUT", path = query.unescape(path),
      raw_query = raw_query, headers = { host = host } }, at)
  end

  it("makes links that our check accepts, and no others", function()
    assert.is_nil(refusal(theirs.url, AT + 1))
    assert.equal(403, refusal(theirs.url, AT + 601).status)
    assert.equal(403, refusal((theirs.url:gsub("prod", "p0d")), AT + 1).status)
    assert.is_nil(refusal(ours, AT + 1))
  end)

  it("makes the same X-Amz fields as ours for the same link", function()
    local fields = query.fields((ours:match "%?(.*)"))
    for _, name in ipairs { "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
      "X-Amz-SignedHeaders" } do
      assert.equal(fields[name], theirs.again[name])
    end
  end)
end)
