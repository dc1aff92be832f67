--- Coroutines that shared one list all fetched its next page at once: the second response had no
--- new entries, which ended the list and dropped the entries of the first response.

local co = require "support.coroutines"
local support = require "support.client"

local TASKS <const> = 9

describe("a list that several coroutines read", function()
  local service, client

  before_each(function()
    service = support.service()
    client = support.client(service, { retry = { attempts = 1 } })
    for _ = 1, TASKS do support.training(client) end
    service:fault { kind = "delay", delay = 0.02, route = "list", forever = true }
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  it("gives each item to exactly one of them", function()
    local list, seen, count = client.trainings:list { page_size = 2 }, {}, 0
    co.run(function()
      for _ = 1, 4 do
        co.spawn(function()
          for task in list do
            assert.is_nil(seen[task.task_id])
            seen[task.task_id], count = true, count + 1
            co.sleep(0.001)
          end
        end)
      end
    end)
    assert.equal(TASKS, count)
  end)

  it("is requested again by the next coroutine if the first was canceled", function()
    local list = client.trainings:list {}
    co.run(function()
      local group <close> = co.group()
      local function next_item() return list() end
      local first, second = group:spawn(next_item), group:spawn(next_item)
      co.sleep(0.005)
      first:cancel()
      assert.is_string(second:wait().task_id)
    end)
  end)
end)
