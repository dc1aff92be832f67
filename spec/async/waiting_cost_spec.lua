--- The memory of a waiting task: see docs/waiting.md, which has the figures.

local co = require "support.coroutines"
local novita = require "novita"
local support = require "support.client"

local COUNT = 500
local MOST = 1800 -- bytes of Lua's heap for each task, its coroutine and its id included
local LEAST = 1000 -- less than a coroutine: it does not wait

local RESPONSE = '{"task_status":"SUCCESS","models":[{"model_status":"SERVING",'
  .. '"model_name":"model_1698904832_F2BB461625.safetensors"}],"extra":{"progress_percent":100}}'

describe("coroutines that wait for a task", function()
  after_each(function()
    collectgarbage "restart"
  end)

  local function used()
    collectgarbage()
    collectgarbage()
    collectgarbage "stop"
    return collectgarbage "count" * 1024
  end

  -- Spawns the coroutines, calls `wait`, and returns the growth of the heap for each of them.
  local function growth(client, wait)
    local ended, grown = 0, nil
    local function body(number) -- Lua doubles its stack when it has more variables
      local one, two, three, four, five = number, 0, 0, 0, 0
      local id = ("00000000-0000-4000-8000-%012d"):format(number)
      local model = client:attach { task_id = id, task_type = "subject" }:wait()
      ended = ended + (model and one + two + three + four + five == number and 1 or 0)
    end
    co.run(function()
      local group <close> = co.group { collect = true }
      local before = used()
      for number = 1, COUNT do group:spawn(body, number) end
      wait(group)
      grown = (collectgarbage "count" * 1024 - before) / COUNT
      group:cancel()
    end)
    return grown, ended
  end

  local function check(grown)
    assert.is_true(grown < MOST and grown > LEAST, ("%.0f bytes for each"):format(grown))
  end

  it("need little more memory than a coroutine", function()
    local client <close> = novita.client {
      api_key = "sk_test", base_url = "http://127.0.0.1:9",
      poll = { first = 3600, min = 3600, max = 3600 },
    }
    local grown, ended = growth(client, function()
      co.sleep(0.01)
      collectgarbage() -- what stays: the arguments of attach do not
    end)
    assert.equal(0, ended)
    check(grown)
  end)

  it("need no more memory when they end, even if nothing is collected", function()
    local service <close> = support.service { log_limit = 10 }
    service:fault { kind = "status", status = 200, route = "status", body = RESPONSE,
      forever = true }
    local client <close> = support.client(service, { poll = { rate = 1e6 } })
    local grown, ended = growth(client, function(group) group:wait() end)
    assert.equal(COUNT, ended)
    check(grown)
  end)
end)
