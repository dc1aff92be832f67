-- A dry run of `train FOLDER --again` said that nothing was to be paid for. It failed while a run
-- worked, with the name of a temporary file. And while a dry run decoded photos or asked for the
-- balance, and while images were saved, Ctrl-C had no effect, not even twice.

local Canvas = require "novita.image.canvas"
local cli = require "support.cli"
local core = require "novita.core"
local emulator = require "novita.emulator"
local lfs = require "lfs"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

local function contents(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local service, env, folder
local running -- the command in the background, until it has ended

local function start()
  running, service, folder = nil, assert(emulator.start { speed = 100 }), cli.folder()
  env = cli.env(service)
end

-- A test that failed leaves its command, whose pipe would be waited for as long as it runs.
local function stop()
  if running then
    os.execute(("kill -KILL %d"):format(running.pid))
    running.pipe:close()
  end
  service:stop()
  cli.remove(folder)
end

local function words(...)
  return { "train", folder .. "/people", "--prompt", "x", "--size", "64", "--poll", "0.1", ... }
end

-- Waits for something that happens soon.
local function wait_until(happened)
  local ends = core.now() + 60
  repeat
    os.execute "sleep 0.05"
  until happened() or core.now() > ends
  assert(happened())
end

-- Starts a command; `finish(signal)` sends a signal and returns the exit status and the words.
local function background(list)
  cli.write(folder .. "/script", ("%s >%s/out 2>%s/err & echo $! >%s/pid; wait $!; echo $?"):format(
    cli.command(list, env), folder, folder, folder))
  local pipe = assert(io.popen("bash -m " .. folder .. "/script 2>/dev/null"))
  local pid
  wait_until(function()
    local file = io.open(folder .. "/pid")
    pid = file and file:read "n"
    if file then file:close() end
    return pid
  end)
  running = { pid = pid, pipe = pipe }
  return pid, function(signal)
    if signal then os.execute(("kill -%s %d"):format(signal, pid)) end
    wait_until(function() return not os.execute(("kill -0 %d 2>/dev/null"):format(pid)) end)
    local status = pipe:read "n"
    pipe:close()
    running = nil
    return status, contents(folder .. "/err")
  end
end

local function requested(route)
  return function()
    for _, request in ipairs(service:requests()) do
      if request.route == route then return true end
    end
  end
end

describe("a dry run", function()
  before_each(start)
  after_each(stop)

  it("shows what the same command would pay for", function()
    cli.photos(folder .. "/people", 1)
    assert.equal(0, cli.run(words(), env).status)
    has(cli.run(words "--dry-run", env).out, "1 job: 0 trainings to pay for, with 0 photos; 1 paid")
    local again = cli.run(words("--again", "--dry-run"), env)
    has(again.out, "1 job: 1 training to pay for, with 1 photo")
    assert.equal(1, #service:ledger().tasks)
    assert.equal(0, cli.run(words "--again", env).status)
    assert.equal(2, #service:ledger().tasks)
  end)

  it("shows a job that failed before it was paid for as one to pay for", function()
    cli.photos(folder .. "/people", 1)
    cli.write(folder .. "/people/bad.jpg", "not a photo")
    assert.equal(1, cli.run(words(), env).status)
    os.remove(folder .. "/people/bad.jpg")
    has(cli.run(words "--dry-run", env).out, "1 job: 1 training to pay for, with 1 photo")
  end)

  it("names the journal, not its copy, if that belongs to another account", function()
    cli.photos(folder .. "/people", 1)
    assert.equal(0, cli.run(words "--no-wait", env).status)
    local other = cli.env(service, { NOVITA_API_KEY = "sk_other" })
    has(cli.run(words "--dry-run", other).err, ("error: journal %s/people.db: its trainings are at "
      .. "%s, with another API key"):format(folder, service.base_url))
  end)

  it("is possible while a run works", function()
    cli.photos(folder .. "/people/anna", 1)
    cli.photos(folder .. "/people/bert", 1)
    service:configure { queue_seconds = 1e6 }
    local _, finish = background(words())
    wait_until(function() return #service:ledger().tasks == 2 end)
    for _, list in ipairs { words "--dry-run",
      { "resume", folder .. "/people.db", "--dry-run", "--retry", "failed" } } do
      local done = cli.run(list, env)
      assert.equal(0, done.status, done.err)
      has(done.out, "2 jobs: 0 trainings to pay for")
    end
    assert.equal(130, (finish "INT"))
  end)

  it("is ended by Ctrl-C while it waits for the balance", function()
    cli.photos(folder .. "/people", 1)
    service:fault { kind = "hang", route = "balance-detail", forever = true }
    local _, finish = background(words "--dry-run")
    wait_until(requested "balance-detail")
    local status, err = finish "INT"
    assert.equal(130, status, err)
    has(err, "interrupted; nothing was uploaded or paid for")
  end)
end)

describe("Ctrl-C", function()
  before_each(start)
  after_each(stop)

  for option, text in pairs {
    ["--dry-run"] = "interrupted; nothing was uploaded or paid for",
    ["--no-wait"] = "interrupted before anything was paid for; the same command continues",
  } do
    it("ends a command while photos are decoded: " .. option, function()
      assert(lfs.mkdir(folder .. "/people"))
      local bytes = assert(Canvas.new(3000, 2400, 3):encode { format = "png" })
      for n = 1, 24 do
        cli.write(("%s/people/%d.png"):format(folder, n), bytes)
      end
      local pid, finish = background(words(option))
      wait_until(function() -- the workers have begun
        local count = 0
        for name in lfs.dir(("/proc/%d/task"):format(pid)) do
          count = count + (tonumber(name) and 1 or 0)
        end
        return count > 1
      end)
      local status, err = finish "INT"
      assert.equal(130, status, err)
      has(err, text)
      assert.equal(0, #service:ledger().tasks)
    end)
  end

  it("ends a command while images are saved", function()
    service:fault { kind = "hang", route = "download", forever = true }
    local _, finish = background { "generate", "--prompt", "x", "--out", folder, "--poll", "0.1" }
    wait_until(requested "download")
    local status, err = finish "INT"
    assert.equal(130, status, err)
    has(err, ("interrupted; `novita wait %s --task-type image` saves the images"):format(
      service:ledger().image_tasks[1].id))
  end)
end)
