local fixtures = require "support.fixtures"

-- A parent with tasks in every state: one is watched, one is prepared on threads, a request is
-- on the wire, a coroutine waits. Its child runs `child` and exits; then the parent continues
-- undisturbed.
local function family(child)
  local output, status = fixtures.program(([[
    local co = require "support.coroutines"
    local novita = require "novita"
    local fixtures = require "support.fixtures"
    local fork = fixtures.c_module "fork"
    local service = fixtures.service { speed = 50, queue_seconds = math.huge }
    local client = fixtures.client(service)
    local task = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
    for status in task:updates() do
      if status.stage == "queuing" then break end
    end
    local other = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
    local group = co.group {}
    local waiting = group:spawn(function() return task:wait() end)
    service:fault { kind = "delay", delay = 0.5, route = "status", times = 2 }
    local function asked()
      local count = 0
      for _, request in ipairs(service:requests()) do
        count = count + (request.route == "status" and 1 or 0)
      end
      return count
    end
    local before = asked()
    repeat client.loop:step(0.01) until asked() > before -- a poll is on the wire without a response
    local pid = fork.fork()
    if pid == 0 then
      local function check(what, ...)
        local ok, err = pcall(...)
        local clear = not ok and tostring(err):find "this belongs to process %%d+, which has forked"
        print(what, clear and "refused" or tostring(err))
      end
      %s
      collectgarbage()
      collectgarbage()
      io.stdout:flush()
      os.exit(7, true)
    end
    io.write("child ", fork.wait(pid), "\n")
    service:configure { queue_seconds = 0 }
    -- a poll whose response the child has taken is repeated after ten seconds
    for _, model, err in novita.as_completed({ other, waiting, task }, 7) do
      assert(model, err)
    end
    assert(client.trainings:list():all())
    print("paid", #service:ledger().tasks)
    client:close()
    service:stop()
  ]]):format(child))
  assert.equal(0, status, output)
  return output
end

local WHOLE <const> = "child 7\npaid\t2\n"

describe("a child made by fork", function()
  it("harms nothing when it exits, whatever the collector finds", function()
    assert.equal(WHOLE, family "")
  end)

  it("harms nothing when it leaves blocks and drops handles", function()
    assert.equal(WHOLE, family [[
      do
        local mine <close> = client
        local also <close> = task
      end
      client, task, other, waiting, group, service = nil, nil, nil, nil, nil, nil
    ]])
  end)

  it("gets an error that names the parent for each use of the client, tasks and loop", function()
    assert.equal([[
wait	refused
sleep	refused
call	refused
train	refused
attach	refused
step	refused
cancel	refused
close	refused
service	spec
]] .. WHOLE, (family([[
      check("wait", task.wait, task, 1)
      check("sleep", co.sleep, 0.01)
      check("call", client.trainings.get, client.trainings, "id", "subject")
      check("train", function()
        assert(client:train(fixtures.form { { bytes = fixtures.photo() } })):wait()
      end)
      check("attach", client.attach, client, { task_id = "id", task_type = "subject" })
      check("step", novita.loop.step, novita.loop, 0)
      check("cancel", task.cancel, task)
      check("close", client.close, client)
      check("service", function()
        local ok, err = pcall(service.ledger, service)
        error(not ok and err:find "emulator belongs to process %d+" and "spec" or "no", 0)
      end)
    ]])))
  end)

  it("can open its own client and use it", function()
    assert.equal("queuing\nchild 7\npaid\t3\n", (family [[
      local mine <close> = fixtures.client(service)
      assert(mine.trainings:get(task.task_id, "subject"))
      local made = assert(mine:train(fixtures.form { { bytes = fixtures.photo() } }))
      for status in made:updates() do
        if status.stage == "queuing" then break end
      end
      print(made:status().stage)
    ]]))
  end)

  it("gets an error when it continues in a coroutine of the parent", function()
    local output, status = fixtures.program [[
      local co = require "support.coroutines"
      local fixtures = require "support.fixtures"
      local fork = fixtures.c_module "fork"
      local service = fixtures.service {}
      local client <close> = fixtures.client(service)
      local ok, err = pcall(co.run, function()
        co.sleep(0.001)
        local pid = fork.fork()
        if pid == 0 then
          co.sleep(0.01)
          print "never"
        end
        assert(fork.wait(pid) == 7)
        co.sleep(0.01)
      end)
      if not ok then
        print(tostring(err):match "this belongs to process %d+, which has forked this one" ~= nil)
        io.stdout:flush()
        os.exit(7, true)
      end
      service:stop()
    ]]
    assert.equal("true\n", output)
    assert.equal(0, status)
  end)
end)
