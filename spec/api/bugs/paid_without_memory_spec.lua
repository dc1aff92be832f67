--- If memory ran out between the response to the paid request and the first poll, the error of the
--- training had no task id: it was paid for, and nothing said so.

local errors = require "novita.base.error"
local fixtures = require "support.fixtures"

describe("a training whose watch cannot start", function()
  it("fails with the id of its task", function()
    local service <close> = fixtures.service()
    local folder <close> = fixtures.folder(1)
    local client <close> = fixtures.client(service)
    local core = client.core
    client.core = setmetatable({
      watch = function()
        error(errors.new { kind = "memory", message = "out of memory" }, 0)
      end,
    }, {
      __index = function(_, name)
        return function(_, ...)
          return core[name](core, ...)
        end
      end,
    })
    local task = client:train(fixtures.form(folder.path))
    local model, err = task:wait(20)
    client.core = core
    assert.is_nil(model)
    local id = service:ledger().tasks[1].id
    assert.same({ "memory", id, id }, { err.kind, err.task_id, task.task_id })
  end)
end)
