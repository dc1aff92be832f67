local response = require "novita.http.response"
local error_codes = require "novita.http.error_codes"
local responses = require "support.responses"

local function refusal(status, body)
  local _, err = response.read("call", { status = status, body = body, attempts = 1 })
  return err
end

local function json(status, reason)
  return ('{"code":%d,"reason":"%s","message":"words"}'):format(status, reason)
end

-- The page's names with their statuses; true if the same call may succeed later.
local documented = {
  [400] = { "INVALID_REQUEST_BODY", "IMAGE_FILE_EXCEEDS_MAX_SIZE", "INVALID_IMAGE_FORMAT",
    "IMAGE_EXCEEDS_MAX_RESOLUTION", "INVALID_IMAGE_SIZE", "IMAGE_NO_FACE_DETECTED",
    "INVALID_CUSTOM_OUTPUT_PATH", "ILLEGAL_PROMPT", "ILLEGAL_IMAGE_CONTENT", "INVALID_AUDIO_FILE",
    "BILLING_BALANCE_NOT_ENOUGH", "MISSING_API_KEY", "VALIDATOR", "CODEC" },
  [401] = { "FAILED_TO_AUTH" },
  [403] = { "BILLING_AUTH_FAILED", "INVALID_API_KEY", "FEATURE_NOT_ALLOWED", "API_NOT_ALLOWED",
    "NEED_REAL_NAME_VERIFY", "NOT_ENOUGH_BALANCE", "ACCESS_DENY" },
  [404] = { "API_NOT_FOUND", "TASK_NOT_FOUND" },
  [429] = { "RATE_LIMIT_EXCEEDED", "TOKEN_LIMIT_EXCEEDED", "ANONYMOUS_ACCESS_QUOTA_EXCEEDS" },
  [500] = { "BILLING_FAILED", "CREATE_TASK_FAILED", "GET_RESULT_FAILED", "TASK_FAILED" },
  [503] = { "SERVICE_NOT_AVAILABLE" },
}

describe("an error's name", function()
  for status, names in pairs(documented) do
    for _, name in ipairs(names) do
      it(("%s (%d) is known"):format(name, status), function()
        local err = refusal(status, json(status, name))
        assert.equal("api", err.kind)
        assert.equal(name, err.code)
        assert.equal(status, err.status)
        assert.equal(status >= 429 and name ~= "TASK_FAILED", err.retryable)
        assert.equal(status, error_codes.known[name].status)
        assert.equal(("call: %d %s: words"):format(status, name),
          err.message:sub(1, #("call: %d %s: words"):format(status, name)))
      end)
    end
  end

  it("that is unknown is kept, and the status decides about a retry", function()
    assert.equal("NEW_NAME", refusal(400, json(400, "NEW_NAME")).code)
    assert.is_false(refusal(400, json(400, "NEW_NAME")).retryable)
    assert.is_true(refusal(502, json(502, "NEW_NAME")).retryable)
  end)

  it("has the form of a name: a sentence is not one", function()
    assert.equal("HTTP_400", refusal(400, '{"reason":"no key\\nX"}').code)
  end)

  it("takes precedence over the status, which the API's pages disagree about", function()
    for _, status in ipairs { 400, 401, 403 } do
      assert.equal("MISSING_API_KEY", refusal(status, json(status, "MISSING_API_KEY")).code)
    end
    for _, status in ipairs { 400, 402, 403 } do
      local err = refusal(status, json(status, "BILLING_BALANCE_NOT_ENOUGH"))
      assert.matches("top up", err.message)
      assert.is_false(err.retryable)
    end
  end)
end)

describe("the reason of a failed task", function()
  it("is quoted on one line, without secrets", function()
    local _, err = require("novita.client.result").of_value({ task_id = "t",
      task_type = "subject" },
      { task = { reason = "no image at\nhttps://a.example/x?X-Amz-Signature=deadbeef" } },
      "failed")
    assert.equal("training t failed: no image at https://a.example/x?...", tostring(err))
  end)
end)

describe("the message of an API error", function()
  local function metadata(text)
    return refusal(400, ('{"code":400,"reason":"VALIDATOR","message":"m","metadata":%s}')
      :format(text)).metadata
  end

  it("is kept verbatim", function()
    assert.same({ field = "width", limit = "512" }, metadata '{"field":"width","limit":"512"}')
  end)

  it("is nil if it is missing", function()
    for _, text in ipairs { "{}", "null", "[]", '"x"', '{"a":1}', '[["a"]]' } do
      assert.is_nil(metadata(text), text)
    end
    assert.is_nil(refusal(502, "<html>").metadata)
  end)

  it("has no secrets and no control bytes, and is cut at its limit", function()
    local found = metadata('{"link":"https://a.example/x?X-Amz-Signature=deadbeef","l":"a\\nb",'
      .. '"long":"' .. ("x"):rep(5000) .. '"}')
    assert.equal("https://a.example/x?...", found.link)
    assert.equal("a b", found.l)
    assert.is_true(#found.long < 500)
  end)
end)

describe("the older envelope", function()
  for code, name in pairs { [-1] = "INTERNAL_ERROR", [1] = "INVALID_REQUEST_BODY",
    [2] = "MODEL_NOT_ALLOWED", [3] = "TASK_NOT_FOUND", [4] = "INVALID_API_KEY",
    [5] = "SERVICE_NOT_AVAILABLE", [6] = "INVALID_REQUEST_BODY",
    [7] = "BILLING_BALANCE_NOT_ENOUGH", [8] = "INVALID_REQUEST_BODY", [9] = "TIMEOUT",
    [10] = "UNSUPPORTED", [11] = "ILLEGAL_PROMPT" } do
    it(("code %d is %s"):format(code, name), function()
      local err = refusal(200, ('{"code":%d,"msg":"words","data":null}'):format(code))
      assert.equal("api", err.kind)
      assert.equal(name, err.code)
      assert.matches("words", err.message)
      assert.equal(name == "INTERNAL_ERROR" or name == "SERVICE_NOT_AVAILABLE"
        or name == "TIMEOUT", err.retryable)
    end)
  end

  it("with an unknown code is an error too", function()
    assert.equal("HTTP_200", refusal(200, '{"code":77,"msg":"words"}').code)
    assert.equal("INVALID_API_KEY", refusal(200, '{"code":"4"}').code)
  end)

  it("is unwrapped if its code is 0", function()
    assert.same({ task_id = "t" }, response.read("c", { status = 200,
      body = '{"code":0,"msg":"","data":{"task_id":"t"}}' }))
  end)
end)

describe("a response that is not from the API", function()
  for name, case in pairs {
    ["Cloudflare's text"] = { 403, "error code: 1010", "CLOUDFLARE_1010", false,
      "nothing to do with the key" },
    ["Cloudflare's limit"] = { 429, "error code: 1015", "CLOUDFLARE_1015", true, "slow down" },
    ["Cloudflare's page"] = { 403,
      "<!DOCTYPE html><title>Access denied</title><span>Error code</span>: 1020<p>x",
      "CLOUDFLARE_1020", false, "Access denied" },
    ["a gateway's page"] = { 502, "<html><h1>502 Bad Gateway</h1><hr>nginx</html>", "HTTP_502",
      true, "502 Bad Gateway nginx" },
    ["a route that is gone"] = { 404, "route not found", "API_NOT_FOUND", false, "check base_url" },
    ["Go's 404"] = { 404, "404 page not found\n", "API_NOT_FOUND", false, "check base_url" },
    ["the storage's XML"] = { 403, '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code>'
      .. "<Message>Request has expired</Message></Error>", "AccessDenied", false,
      "Request has expired" },
    ["a busy storage"] = { 503, "<Error><Code>SlowDown</Code><Message>Reduce</Message></Error>",
      "SlowDown", true, "Reduce" },
    ["nothing"] = { 503, "", "HTTP_503", true, "call: 503" },
    ["an empty 404"] = { 404, "", "HTTP_404", false, "check base_url" },
    ["bytes"] = { 500, "\0\1\255\254", "HTTP_500", true, "%?%?" },
  } do
    it("is understood: " .. name, function()
      local err = refusal(case[1], case[2])
      assert.equal("http", err.kind)
      assert.equal(case[3], err.code)
      assert.equal(case[4], err.retryable)
      assert.matches(case[5], err.message)
      assert.is_nil(err.message:find "%c")
      assert.truthy(utf8.len(err.message))
    end)
  end

  for _, body in ipairs { '{"code":404,"message":"route not found"}', "route not found" } do
    it("is a missing route, not a missing task: " .. body, function()
      assert.equal("API_NOT_FOUND", refusal(404, body).code)
    end)
  end

  for _, body in ipairs { json(404, "TASK_NOT_FOUND"), '{"message":"task not found"}',
    '{"code":404,"msg":"Task x was not found"}' } do
    it("is a missing task, not a missing route: " .. body, function()
      local err = refusal(404, body)
      assert.equal("TASK_NOT_FOUND", err.code)
      assert.matches("check the task id", err.message)
    end)
  end

  for name, body in pairs { nothing = "", text = "ok", a_number = "5", null = "null",
    a_cut_object = '{"task_id":"d6', html = "<html>", deep = ("["):rep(1000) } do
    it("with 200 is malformed: " .. name, function()
      local err = refusal(200, body)
      assert.equal("protocol", err.kind)
      assert.equal("malformed", err.code)
    end)
  end

  it("is a success with every 2xx, if it can be read", function()
    for _, status in ipairs { 200, 201, 202, 203, 299 } do
      assert.same({ task_id = "t" },
        (response.read("call", { status = status, body = '{"task_id":"t"}' })))
    end
    assert.equal("malformed", refusal(204, "").code)
  end)

  for name, body in pairs { ["AWS's gateway"] = '{"message":"Forbidden"}',
    Envoy = '{"error":{"code":403,"status":"PERMISSION_DENIED"}}',
    ["a list"] = '["INVALID_API_KEY"]', ["a number"] = '{"reason":403}',
    ["a sentence"] = '{"reason":"The key is wrong."}' } do
    it("may be JSON too: " .. name, function()
      local err = refusal(403, body)
      assert.equal("http", err.kind)
      assert.equal("HTTP_403", err.code)
      assert.is_nil(err.reason)
    end)
  end
end)

describe("a paid request", function()
  local function paid(status, body)
    local client = responses.client { status = status, body = body }
    return select(2, client.trainings:create("subject", { name = "t" }))
  end

  it("is not ambiguous if it is rejected, and ambiguous otherwise", function()
    for status, name in pairs { [400] = "BILLING_BALANCE_NOT_ENOUGH", [403] = "INVALID_API_KEY",
      [404] = "API_NOT_FOUND", [429] = "RATE_LIMIT_EXCEEDED" } do
      assert.is_nil(paid(status, json(status, name)).ambiguous)
    end
    assert.is_true(paid(500, json(500, "CREATE_TASK_FAILED")).ambiguous)
    assert.is_true(paid(502, "<html>").ambiguous)
    assert.is_true(paid(200, '{"task_id":null}').ambiguous)
    assert.is_true(paid(200, "").ambiguous)
  end)

  it("is ambiguous after every response that is not the API's own refusal", function()
    for _, status in ipairs { 400, 401, 402, 403, 404, 405, 409, 413, 429, 451, 499 } do
      for _, body in ipairs { "", "error code: 1010", "<html><h1>Sign in</h1></html>",
        "404 page not found", '{"message":"Forbidden"}', '{"message":"task not found"}',
        '{"message":"route not found"}', '{"code":403,"message":"no"}', '["VALIDATOR"]',
        '{"reason":"NEVER_HEARD_OF"}', '{"reason":"UNSUPPORTED"}', '{"reason":"BILLING_FAILED"}',
        '{"error":{"reason":"VALIDATOR"}}', '{"code":4,"msg":"auth"}', '{"reason":"VALIDATOR"' } do
        assert.is_true(paid(status, body).ambiguous, status .. " " .. body)
      end
    end
  end)

  it("takes its id from both envelopes, as a string or a number", function()
    for body, id in pairs {
      ['{"task_id":"d6"}'] = "d6", ['{"task_id":12345678901}'] = "12345678901",
      ['{"code":0,"msg":"","data":{"task_id":"d7"}}'] = "d7" } do
      for status = 200, 202 do
        local client = responses.client { status = status, body = body }
        assert.equal(id, client.trainings:create("style", { name = "t" }))
      end
    end
  end)

  it("has succeeded with an id, whatever the response says besides", function()
    for _, body in ipairs { '{"code":1,"msg":"late","data":{"task_id":"d8"}}',
      '{"code":200,"task_id":"d8"}', '{"reason":"VALIDATOR","task_id":"d8"}' } do
      local client = responses.client(body)
      assert.equal("d8", client.trainings:create("style", { name = "t" }))
    end
  end)
end)
