--- The one table of what a status and an error code mean. "Never pay twice" depends on it, so every
--- status and every known code is listed here.

local core = require "novita.core"
local error_codes = require "novita.http.error_codes"
local errors = require "novita.base.error"

-- The statuses whose class differs from the others in their hundred.
local single = {
  [401] = "account", [402] = "account", [403] = "account", [404] = "not_found",
  [408] = "ambiguous", [429] = "later", [499] = "ambiguous", [501] = "permanent",
  [505] = "permanent",
}
local by_hundred = { "unexpected", "ok", "unexpected", "refused", "ambiguous" }

local reasons = {
  refused = { "INVALID_REQUEST_BODY", "IMAGE_FILE_EXCEEDS_MAX_SIZE", "INVALID_IMAGE_FORMAT",
    "IMAGE_EXCEEDS_MAX_RESOLUTION", "INVALID_IMAGE_SIZE", "IMAGE_NO_FACE_DETECTED",
    "INVALID_CUSTOM_OUTPUT_PATH", "ILLEGAL_PROMPT", "ILLEGAL_IMAGE_CONTENT", "INVALID_AUDIO_FILE",
    "VALIDATOR", "CODEC", "MODEL_NOT_ALLOWED", "UNSUPPORTED" },
  account = { "BILLING_BALANCE_NOT_ENOUGH", "MISSING_API_KEY", "BILLING_AUTH_FAILED",
    "INVALID_API_KEY", "FEATURE_NOT_ALLOWED", "API_NOT_ALLOWED", "NEED_REAL_NAME_VERIFY",
    "FAILED_TO_AUTH", "NOT_ENOUGH_BALANCE", "ACCESS_DENY" },
  not_found = { "API_NOT_FOUND", "TASK_NOT_FOUND" },
  later = { "RATE_LIMIT_EXCEEDED", "ANONYMOUS_ACCESS_QUOTA_EXCEEDS", "TOKEN_LIMIT_EXCEEDED" },
  ambiguous = { "BILLING_FAILED", "CREATE_TASK_FAILED", "GET_RESULT_FAILED",
    "SERVICE_NOT_AVAILABLE", "INTERNAL_ERROR", "TIMEOUT" },
  permanent = { "TASK_FAILED" },
}

local transient = { later = true, ambiguous = true }
local nothing_made = { refused = true, account = true, not_found = true, later = true }

local function failed(fields)
  fields.kind, fields.message = fields.kind or "http", "m"
  return errors.new(fields)
end

describe("the class of a status", function()
  it("is the documented one for every status from 100 to 599", function()
    for status = 100, 599 do
      local class = single[status] or by_hundred[status // 100]
      assert.equal(class, core.status_class(status), status)
      assert.equal(transient[class] or false, error_codes.is_retryable(status), status)
    end
  end)

  it("alone never says that a paid request created nothing", function()
    for status = 100, 599 do
      local class = core.status_class(status)
      local err = failed { status = status }
      assert.equal(class == "ok" and "unexpected" or class, error_codes.class_of(err), status)
      for _, fields in ipairs { {}, { kind = "api" }, { kind = "api", code = "VALIDATOR" },
        { kind = "api", reason = "NEVER_HEARD_OF" },
        { kind = "api", reason = status ~= 200 and "UNSUPPORTED" or nil } } do
        fields.status = status
        assert.is_false(error_codes.made_nothing(failed(fields)), status)
      end
    end
  end)

  it("says so from 400 to 499, with a reason of the API", function()
    for status = 100, 599 do
      local err = failed { kind = "api", code = "VALIDATOR", reason = "VALIDATOR", status = status }
      local proof = status >= 400 and status <= 499 and status ~= 408 and status ~= 499
      assert.equal(proof or status == 200, error_codes.made_nothing(err), status)
    end
  end)

  it("is unexpected below 100 and for a value that is not a status", function()
    for _, status in ipairs { 0, 99, -1, math.mininteger, math.maxinteger } do
      assert.equal("unexpected", core.status_class(status), status)
    end
    assert.equal("ambiguous", core.status_class(600))
    assert.equal("ambiguous", core.status_class(999))
  end)
end)

describe("the class of a reason", function()
  local listed = {}
  for class, names in pairs(reasons) do
    for _, name in ipairs(names) do
      listed[name] = class
      it(("%s is %s"):format(name, class), function()
        local reason = error_codes.known[name]
        assert.equal(class, reason.class)
        assert.equal(transient[class] or false, error_codes.is_retryable(reason.status, reason))
        assert.equal(transient[class] or false, error_codes.is_retryable(200, reason))
        local status = reason.envelope and 200 or reason.status
        local err = failed { kind = "api", code = name, reason = name, status = status }
        assert.equal(class == "account", error_codes.is_account(err))
        assert.equal(nothing_made[class] or false, error_codes.made_nothing(err))
        err.reason = nil -- found in a text, which a gateway may have written
        assert.is_false(error_codes.made_nothing(err))
      end)
    end
  end

  it("is listed for every known reason", function()
    for name in pairs(error_codes.known) do
      assert.truthy(listed[name], name)
    end
  end)

  it("yields to a status that leaves it unknown whether the request was processed",
    function()
      local err = failed { kind = "api", code = "INVALID_API_KEY", reason = "INVALID_API_KEY",
        status = 500 }
      assert.is_false(error_codes.made_nothing(err))
      assert.equal("ambiguous", error_codes.class_of(err))
    end)

  it("yields to a status that contradicts it", function()
    assert.is_false(error_codes.is_retryable(400, error_codes.known.RATE_LIMIT_EXCEEDED))
    assert.is_true(error_codes.is_retryable(503, error_codes.known.INVALID_REQUEST_BODY))
  end)
end)

describe("the codes of the older envelope", function()
  it("have the same status in C and in Lua", function()
    for code = -1000, 1000 do
      local name = error_codes.legacy[code]
      local reason = name and error_codes.known[name]
      assert.equal(reason and reason.status, core.legacy_status(code), code)
    end
    assert.is_nil(core.legacy_status(math.maxinteger))
  end)

  it("say whether a paid request created nothing", function()
    for code, name in pairs(error_codes.legacy) do
      local err = failed { kind = "api", code = name, reason = name, status = 200 }
      local status = core.legacy_status(code)
      assert.equal(status >= 400 and status < 500, error_codes.made_nothing(err), name)
    end
    local unknown = failed { kind = "api", code = "HTTP_200", status = 200 }
    assert.is_false(error_codes.made_nothing(unknown))
  end)
end)

describe("the class of an error without a status", function()
  for _, case in ipairs {
    { { kind = "network" }, "later" }, { { kind = "tls" }, "later" },
    { { kind = "network", ambiguous = true }, "ambiguous" },
    { { kind = "timeout" }, "later" }, { { kind = "canceled" }, "ambiguous" },
    { { kind = "timeout", ambiguous = true }, "ambiguous" },
    { { kind = "protocol" }, "ambiguous" }, { { kind = "memory" }, "ambiguous" },
  } do
    local name = case[1].kind .. (case[1].ambiguous and ", some bytes sent" or "")
    it(("is %s: %s"):format(case[2], name), function()
      assert.equal(case[2], error_codes.class_of(failed(case[1])))
    end)
  end

  it("is ambiguous for a refused status, once the error is marked so", function()
    assert.equal("ambiguous", error_codes.class_of(failed { status = 400, ambiguous = true }))
  end)
end)

describe("a rejected account", function()
  it("is recognized by the API's own error, not by a gateway's page", function()
    for _, status in ipairs { 401, 402, 403 } do
      assert.is_true(error_codes.is_account(failed { kind = "api", status = status, code = "X" }))
      assert.is_false(error_codes.is_account(failed { kind = "http", status = status }))
    end
    assert.is_false(error_codes.is_account(failed { kind = "network" }))
  end)
end)
