--- A child made by fork that had opened its own client raised an error when it left a block with a
--- client or a task of its parent, or when the collector found one.

local fixtures = require "support.fixtures"

describe("a child with its own client", function()
  it("leaves its parent's clients and tasks alone", function()
    local output, status = fixtures.program [[
      local novita = require "novita"
      local fixtures = require "support.fixtures"
      local fork = fixtures.c_module "fork"
      local service = fixtures.service {}
      warn "@on"
      local dropped = fixtures.client(service)
      local function family()
        local client <close> = fixtures.client(service)
        local task <close> = client:attach { task_id = "a", task_type = "image" }
        local pid = fork.fork()
        if pid == 0 then
          local mine <close> = fixtures.client(service)
          assert(mine.account:get())
          dropped = nil
          collectgarbage()
          return "child"
        end
        return fork.wait(pid)
      end
      local ok, what = pcall(family)
      if what == 7 then
        assert(dropped.account:get())
        print "parent"
        service:stop()
      else
        print(what)
        io.stdout:flush()
        os.exit(7, true)
      end
    ]]
    assert.equal("child\nparent\n", output)
    assert.equal(0, status)
  end)
end)
