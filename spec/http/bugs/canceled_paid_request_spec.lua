--- A coroutine that was canceled during its paid request got an error that did not say that the
--- task may exist.

local co = require "support.coroutines"
local support = require "support.client"

-- Cancels a coroutine `when` seconds after its start; returns the error that its call raises.
local function canceled(call, when)
  local raised
  co.run(function()
    local group <close> = co.group()
    local fiber = group:spawn(function()
      local _, err = pcall(call)
      raised = err
    end)
    if when then
      co.sleep(when)
    end
    fiber:cancel()
  end)
  assert.equal("canceled", raised.kind)
  return raised
end

describe("a coroutine that is canceled", function()
  local service, client

  before_each(function()
    service = support.service()
    client = support.client(service)
    service:fault { kind = "hang", after = true, forever = true }
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  local function create()
    return client.trainings:create("subject", support.body())
  end

  it("during a paid request gets an ambiguous error", function()
    local err = canceled(create, 0.1)
    assert.is_true(err.ambiguous)
    assert.matches("^create training: .*before paying again$", err.message)
  end)

  it("before the paid request has paid nothing", function()
    assert.is_nil(canceled(create).ambiguous)
    assert.equal(0, #service:requests())
  end)

  it("during a free call gets an error that is not ambiguous", function()
    local err = canceled(function() return client.trainings:get("t", "subject") end, 0.1)
    assert.is_nil(err.ambiguous)
  end)
end)
