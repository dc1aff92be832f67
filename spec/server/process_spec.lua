local core = require "novita.server.core"
local files = require "support.files"
local novita_core = require "novita.core"
local process = require "novita.server.process"
local support = require "support.client"

local LONG <const> = 60 -- seconds that no wait needs on a busy machine

local function finish(options)
  local lines = { [0] = {}, {}, {} }
  options.on_line = function(stream, line) table.insert(lines[stream], line) end
  options.mark = options.mark or assert(novita_core.random_hex(16))
  local result = assert(assert(process.start(options)):wait(LONG))
  assert.equal(0, core.kill_marked(options.mark))
  return result, lines
end

local function sh(script, options)
  options = options or {}
  options.argv = { "sh", "-c", script }
  return finish(options)
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

describe("a supervised program", function()
  it("is heard line by line, from three pipes", function()
    local result, lines = sh [[printf 'one\n\ntwo'; printf 'Steps: 1/2\rSteps: 2/2\r\n' >&2
      echo progress 1/2 >&3]]
    assert.same({ [0] = { "one", "two" }, { "Steps: 1/2", "Steps: 2/2" }, { "progress 1/2" } },
      lines)
    assert.same({ 0, 0, 31 }, { result.status, result.strays, result.printed })
    assert.is_nil(result.reason)
  end)

  it("may print lines that are too long, and any bytes", function()
    local _, lines = sh [[head -c 10000 /dev/zero | tr '\0' x; printf '\na\000b\n']]
    assert.same({ ("x"):rep(4096), "a\0b" }, lines[0])
  end)

  it("gets its arguments without a shell, and no input", function()
    local result, lines = finish { argv = { "sh", "-c", 'cat; printf "%s\\n" "$@"', "sh",
      "$HOME `id` *", "'" } }
    assert.same({ "$HOME `id` *", "'" }, lines[0])
    assert.equal(0, result.status)
  end)

  it("gets our environment with changes, and its folder", function()
    local _, lines = sh('echo "$A/$HOME/${PATH:+set}/$PWD"', {
      environment = { A = "b=c", HOME = false }, folder = "/usr" })
    assert.same({ "b=c//set//usr" }, lines[0])
  end)

  it("has no descriptor of ours but its pipes", function()
    local file <close> = assert(io.open("/dev/null"))
    local _, lines = sh "exec ls /proc/self/fd"
    assert.same({ "0", "1", "2", "3" }, { table.unpack(lines[0], 1, 4) })
    assert.is_true(#lines[0] <= 5, table.concat(lines[0], " ")) -- one is ls's own
    assert(file)
  end)

  it("ends with its status, or by a signal", function()
    assert.equal(7, sh("exit 7").status)
    local result = sh "kill -SEGV $$"
    assert.same({ 11, "Segmentation fault" }, { result.signal, result.signal_name })
    assert.is_nil(result.status)
  end)

  it("that does not exist is an error", function()
    local _, err = process.start { argv = { "/nowhere/train" } }
    assert.same({ "file", "spawn", "cannot start /nowhere/train: No such file or directory" },
      { err.kind, err.code, err.message })
    _, err = process.start { argv = { "true" }, log = "/nowhere/log" }
    assert.equal("cannot write the log: No such file or directory", err.message)
  end)

  it("is stopped after its time", function()
    local result = sh("sleep 100", { timeout = 0.2 })
    assert.same({ "timeout", 15 }, { result.reason, result.signal })
  end)

  it("is stopped when it is silent", function()
    local result, lines = sh("echo a; sleep 100", { silence = 0.3 })
    assert.same({ "silent", { "a" } }, { result.reason, lines[0] })
  end)

  it("is killed if it ignores SIGTERM, and with it what it started", function()
    local result = sh("trap '' TERM; sleep 100 & while :; do sleep 100; done",
      { timeout = 0.2, grace = 0.2 })
    assert.same({ "timeout", 9 }, { result.reason, result.signal })
  end)

  it("may clean up when it is asked to end", function()
    local handle = assert(process.start { argv = { "sh", "-c",
      "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done" },
      on_line = function() end })
    handle.on_line = function() handle:stop() end
    local result = assert(handle:wait(LONG))
    assert.same({ "stopped", 5 }, { result.reason, result.status })
    handle:stop()
    assert.is_nil(handle:pid())
  end)

  it("is stopped when it prints too much; its log is short and has the end", function()
    local folder <close> = support.folder()
    local result = sh("yes 0123456789", { output_limit = 2 << 20, log = folder.path .. "/log",
      log_limit = 1 << 20 })
    assert.equal("output", result.reason)
    assert.is_true(result.printed < 3 << 20, result.printed)
    local log, old = read(folder.path .. "/log"), read(folder.path .. "/log.old")
    assert.is_true(#log + #old <= 1200000, #log + #old)
    assert.equal(result.tail, (old .. log):sub(-4096))
  end)

  it("waits for a slow listener instead of filling the memory", function()
    collectgarbage()
    local most = 0
    local _, lines = sh("yes 0123456789 | head -c 1000000", { output_limit = 1e9 })
    for _, line in ipairs(lines[0]) do most = math.max(most, #line) end
    assert.same({ 90910, 10 }, { #lines[0], most })
  end)

  it("that daemonizes leaves nothing", function()
    local folder <close> = support.folder()
    local result = sh([[(setsid sh -c 'exec >/dev/null 2>&1 3>&1; touch up; sleep 100; sleep 100' &)
      until test -e up; do sleep 0.01; done]], { folder = folder.path })
    assert.equal(0, result.status)
    assert.is_true(result.strays >= 1)
  end)

  it("whose daemon holds its pipes ends all the same", function()
    local result, lines = sh "(setsid sleep 100 &); echo done"
    assert.same({ 0, { "done" } }, { result.status, lines[0] })
  end)

  it("is killed at once when its op is canceled", function()
    local mark = assert(novita_core.random_hex(16))
    local handle = assert(process.start { mark = mark,
      argv = { "sh", "-c", "trap '' TERM; sleep 100 & sleep 99" } })
    handle.loop:drop(handle.op)
    assert.equal(0, core.kill_marked(mark))
    assert.is_nil(handle:pid())
  end)
end)

it("a program of a server that was killed is found by its mark", function()
  local mark = assert(novita_core.random_hex(16))
  local script = ([[
    local handle = require("novita.server.process").start { argv = { "sleep", "100" }, mark = %q }
    io.stdout:write("ready\n"); io.stdout:flush()
    handle:wait()]]):format(mark)
  local server
  local file = files.temporary(script)
  server = assert(process.start { argv = { os.getenv "HOST" or "lua5.4", file },
    on_line = function(stream)
      if stream == 0 then os.execute("kill -9 " .. server:pid()) end
    end })
  assert.equal(9, assert(server:wait(LONG)).signal)
  os.remove(file)
  local deadline, found, left = novita_core.now() + LONG, 0, 0
  while (found == 0 or left > 0) and novita_core.now() < deadline do
    left = core.kill_marked(mark)
    found = found + left
  end
  assert.is_true(found >= 1)
  assert.equal(0, left)
end)

describe("the reaper of orphans", function()
  it("takes those of its programs, and leaves the host's children alone", function()
    if not core.reap_orphans() then return pending "this system has no such thing" end
    local child = assert(io.popen "sleep 0.3; exit 6")
    for _ = 1, 3 do
      sh "(setsid sh -c 'sleep 100 & sleep 100' &); (setsid true &); exit 0"
    end
    assert.same({ nil, "exit", 6 }, { child:close() })
    -- left_open.lua counts the children that are left
  end)
end)
