--- After failures, polls of a task were up to poll.min + poll.max seconds apart, and otherwise from
--- 0.75 * poll.min to 1.25 * poll.max.

local fixtures = require "support.fixtures"

describe("the time between two polls of a task", function()
  local polls = fixtures.c_module "poll_schedule"

  local function range(fn)
    local least, most = math.huge, 0
    for _ = 1, 1000 do
      local seconds = fn()
      least, most = math.min(least, seconds), math.max(most, seconds)
    end
    return least, most
  end

  it("is at most poll.max, however many polls have failed", function()
    for failures = 1, 40 do
      local least, most = range(function() return polls.backoff(2, 60, failures) end)
      assert.is_true(least >= 2 and most <= 60, most)
      assert.is_true(most > math.min(60, 2 ^ (failures + 1)) * 0.9, "it is spread over its range")
    end
  end)

  it("is at least poll.min and at most poll.max, whatever the age", function()
    for _, age in ipairs { 0, 1, 16, 40, 200, 480, 1e4, 1e9 } do
      local least, most = range(function() return polls.interval(2, 60, age) end)
      assert.is_true(least >= 2 and most <= 60, age)
      assert.is_true(most > least * 1.2, "it is spread")
    end
  end)
end)

it("a watch has no first poll at a time that is not a number", function()
  local client <close> = fixtures.client { api_key = "sk_test", base_url = "http://127.0.0.1:9" }
  for _, first in ipairs { 0 / 0, -1 } do
    assert.error_matches(function() client.core:watch({}, "image", "id", first) end,
      "must be a number of seconds >= 0")
  end
  assert.error_matches(function()
    client.core:request({}, { url = "http://127.0.0.1:9", timeout = 0 / 0 })
  end, "timeout is not a number of seconds")
end)
