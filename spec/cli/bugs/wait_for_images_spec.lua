-- After Ctrl-C in `novita generate` the command that was printed waited for a training of that id,
-- which is not there: status 404, for ever. The id itself was printed only then, so a kill lost
-- images that were paid for. `novita wait` with a name that no training has waited for ever, too.

local background = require "support.background"
local cli = require "support.cli"
local emulator = require "novita.emulator"

local UNKNOWN <const> = "00000000-0000-4000-8000-000000000000"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("novita wait", function()
  local service, env, folder, child
  before_each(function()
    child = nil
    service, folder = assert(emulator.start { speed = 100 }), cli.folder()
    env = cli.env(service)
  end)
  after_each(function()
    if child then child:stop() end
    service:stop()
    cli.remove(folder)
  end)

  local function generate(...)
    return { "generate", "--prompt", "x", "--out", folder, "--poll", "0.1", ... }
  end

  -- Types a command that a message prints.
  local function typed(command)
    local words = {}
    for word in command:gmatch "%S+" do
      words[#words + 1] = word
    end
    return cli.run(table.move({ "--poll", "0.1", "--out", folder }, 1, 4, #words + 1, words), env)
  end

  for _, signal in ipairs { "INT", "HUP" } do
    it("saves the images with the command that SIG" .. signal .. " prints", function()
      service:configure { queue_seconds = 1e6 }
      child = background(generate(), env, folder)
      child:wait_for(function() return child:err():find("submitted: ", 1, true) end)
      local id = service:ledger().image_tasks[1].id
      has(child:err(), ("submitted: %s (`novita wait %s --task-type image`"):format(id, id))
      local status, err = child:finish(signal)
      assert.equal(signal == "INT" and 130 or 129, status)
      assert.is_nil(err:find("images: canceled", 1, true))
      local command = err:match "continues at the service: `novita ([^`]+)` waits for it"
      service:configure { queue_seconds = 0 }
      service:advance(2e6)
      local done = typed(command)
      assert.equal(0, done.status, done.err)
      has(done.out, "saved " .. folder)
    end)
  end

  it("finds the kind of a task itself", function()
    local id = cli.run(generate "--json", env).json.task_id
    local done = cli.run({ "wait", id, "--out", folder, "--json" }, env)
    assert.equal(0, done.status, done.err)
    assert.equal(1, #done.json.files)
  end)

  it("refuses a name that no training has, at once", function()
    for _, words in ipairs { { "wait", "mimii" }, { "wait", "mimii", "--task-type", "style" } } do
      local refused = cli.run(words, env)
      assert.equal(2, refused.status)
      has(refused.err, "no training is named mimii, and no task has this id: `novita list`")
    end
    has(cli.run({ "wait", "x", "--task-type", "image", "--out", folder }, env).err,
      "the service knows no image task x")
  end)

  it("does not claim that an unknown task continues", function()
    child = background({ "wait", UNKNOWN, "--poll", "0.1" }, env, folder)
    child:wait_for(function() return child:err():find("does not know this task yet", 1, true) end)
    local status, err = child:finish "INT"
    assert.equal(130, status)
    has(err, "interrupted; the service does not know the task " .. UNKNOWN .. ", or not yet")
    assert.is_nil(err:find("continues", 1, true))
  end)
end)
