-- Slips that novita let pass without a word, or with a word about something else.

local co = require "support.coroutines"
local emulator = require "support.emulator"
local fixtures = require "support.fixtures"
local novita = require "novita"

describe("a slip is named:", function()
  local service, client, logged
  before_each(function()
    service = fixtures.service { queue_seconds = math.huge }
    logged = {}
    client = fixtures.client(service, { log = function(_, text) logged[#logged + 1] = text end })
  end)
  after_each(function()
    client:close()
    service:stop()
  end)

  local function form(more)
    return fixtures.form({ { bytes = emulator.photo(1) } }, more)
  end

  local function refused(pattern, fn, ...)
    local ok, err = pcall(fn, ...)
    assert.is_false(ok)
    assert.matches(pattern, tostring(err))
  end

  it("two tasks instead of a list", function()
    local task = client:attach { task_id = "a", task_type = "subject" }
    refused("unseen_slips_spec.lua:%d+: progress takes one list of tasks: write "
      .. "novita.progress { task, other }", function() novita.progress(task, task) end)
  end)

  it("a callback that nothing calls", function()
    refused("unseen_slips_spec.lua:%d+: client:train takes 1 argument, got more", function()
      client:train(form(), print)
    end)
    refused("task:done takes no argument, got more", function()
      client:attach { task_id = "a", task_type = "subject" }:done(print)
    end)
  end)

  it("a method of another SDK, or a misspelt one", function()
    refused("unseen_slips_spec.lua:%d+: a client has no create_training_subject: did you mean "
      .. "client:train%?", function() client:create_training_subject {} end)
    refused("a client has no trainig: did you mean trainings%?", function()
      return client.trainig
    end)
    assert.is_nil(client.cache) -- a field of the script
  end)

  it("a closed client", function()
    local group = client:group()
    client:close()
    for _, fn in ipairs {
      function() client:group() end,
      function() client:sleep(0) end,
      function() group:spawn(print) end,
    } do
      refused("unseen_slips_spec.lua:%d+: the client is closed", fn)
    end
  end)

  it("the word Bearer in the key", function()
    refused("the API key begins with Bearer: leave that word out", function()
      novita.client { api_key = "Bearer sk_x" }
    end)
  end)

  it("errors of a group that nothing reads", function()
    local function fail(collect, read)
      local group = client:group { collect = collect }
      co.run(function()
        local joined <close> = group
        joined:spawn(error, "lost")
      end)
      return read and group.errors
    end
    fail(true, true)
    collectgarbage()
    assert.same({}, logged)
    fail(true, false)
    collectgarbage()
    assert.same({ "nothing has read the errors of a group: lost" }, logged)
  end)

  it("which training a warning or a timeout is about", function()
    local task = client:train(form { name = "anna", base_model = "sdxl" })
    assert.matches('^training "anna": base_model is "sdxl"', logged[1])
    for status in task:updates() do
      if status.task_id then break end
    end
    local _, late = task:wait(-1)
    assert.equal(('training "anna" %s: not finished within 0 s; it continues'):format(task.task_id),
      late.message)
    local _, other = client:attach { task_id = "a", task_type = "subject" }:wait(0)
    assert.equal("task a: not finished within 0 s; it continues", other.message)
  end)
end)
