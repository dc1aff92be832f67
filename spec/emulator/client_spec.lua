--- service:client: a client that is ready for the emulator.

local emulator = require "novita.emulator"
local helper = require "support.emulator"
local luv_loop = require "novita.loop.luv"

local FORM <const> = { task_type = "subject", name = "t", base_model = "v1-5-pruned-emaonly",
  size = 256, instance_prompt = "a photo of ohwx person", max_train_steps = 100 }

local function train(client)
  local form = { images = { { bytes = helper.photo(1) } } }
  for name, value in pairs(FORM) do form[name] = value end
  return client:train(form)
end

local function polls(service)
  local found = {}
  for _, request in ipairs(service:requests()) do
    if request.route == "status" then found[#found + 1] = request.at end
  end
  return found
end

describe("a client of the emulator", function()
  it("has its address and key", function()
    local service <close> = assert(emulator.start())
    local client <close> = service:client()
    assert.is_true(client.account:get().credit_balance > 0)
    assert.matches("novita.Client", tostring(client), 1, true)
  end)

  it("polls at the speed of its clock", function()
    local service <close> = assert(emulator.start { speed = 50 })
    local client <close> = service:client()
    local task = train(client)
    local begun = service:now()
    assert(task:wait(30))
    local first = polls(service)[1]
    -- a client with the usual options would poll after 2 s, which are 100 here
    assert.is_true(first - begun < 90, first - begun)
  end)

  it("takes a client's options, which replace these", function()
    local service <close> = assert(emulator.start())
    local client <close> = service:client { api_key = "sk_wrong", retry = { attempts = 1 } }
    local _, err = client.account:get()
    assert.equal("INVALID_API_KEY", err.code)
    local slow <close> = service:client { poll = { min = 30 } }
    assert.is_not_nil(slow)
    local foreign <close> = service:client { loop = luv_loop }
    assert.is_not_nil(foreign)
  end)

  it("works with a clock that stands, and a very fast one", function()
    for _, speed in ipairs { 0, 1e6, math.huge } do
      local service <close> = assert(emulator.start { speed = speed })
      local client <close> = service:client()
      assert(client.account:get())
    end
  end)

  it("blames the caller's line for wrong options", function()
    local service <close> = assert(emulator.start())
    for _, case in ipairs {
      { { pol = {} }, "client_spec.lua:%d+: .*did you mean" },
      { { poll = 5 }, "client_spec.lua:%d+: poll must be" },
      { { poll = { min = "x" } }, "client_spec.lua:%d+: poll.min must be" },
      { "x", "client_spec.lua:%d+: the options of a client must be a table" },
    } do
      local ok, message = pcall(function() service:client(case[1]) end)
      assert.is_false(ok)
      assert.matches(case[2], message)
    end
  end)

  it("keeps the emulator running while it is in use", function()
    local client <close> = assert(emulator.start()):client()
    for _ = 1, 3 do collectgarbage() end
    assert(client.account:get())
  end)

  it("lets go of an emulator whose clients are gone", function()
    local seen = setmetatable({}, { __mode = "k" })
    do
      local service = assert(emulator.start())
      seen[service] = true
      service:client():close()
    end
    for _ = 1, 5 do collectgarbage() end
    assert.is_nil(next(seen))
  end)
end)
