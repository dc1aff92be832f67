--- One 404 or 401 page of a gateway, which a gateway sends when its service is away for a moment,
--- ended the wait for a training that was paid for.

local support = require "support.client"

local PAGES <const> = 10 -- in a row: then the gateway has no service

describe("an HTML page instead of an API error", function()
  local service, client, id

  before_each(function()
    service = support.service()
    client = support.client(service, { poll = { not_found_grace = 0 } })
    id = support.training(client)
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  for _, status in ipairs { 401, 404 } do
    local function pages(times)
      service:fault { kind = "status", status = status, route = "status", times = times,
        forever = times == nil, body = "default backend - " .. status }
    end

    it(("ends no wait: %d"):format(status), function()
      pages(PAGES - 1)
      assert(client:attach { task_id = id, task_type = "subject" }:wait())
    end)

    it(("ends it in a row without end: %d"):format(status), function()
      pages()
      local task = client:attach { task_id = id, task_type = "subject" }
      local model, err = task:wait(20)
      assert.is_nil(model)
      assert.equal("unknown", task:status().stage)
      assert.matches("the task may continue at the service", tostring(err))
      assert.equal(status, err.status)
      assert.equal("http", err.kind)
      assert.equal(PAGES, #support.requests(service, "status"))
    end)
  end
end)
