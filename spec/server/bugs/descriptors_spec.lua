--- Anyone who reached a server, without a key, could open connections until it had no descriptor
--- left. Every training that was to begin then failed, because its trainer could not be started.

local cli = require "support.cli"
local files = require "support.files"
local interpreter = require "support.interpreter"
local novita_core = require "novita.core"
local overview = require "novita.server.overview"
local process = require "novita.server.process"
local program = require "support.server.program"
local scheduler = require "novita.async.scheduler"
local sleep = require "novita.async.sleep"
local support = require "support.client"

local FLOOD <const> = [[use IO::Socket::INET; $SIG{TERM} = sub { exit };
  push @all, IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) for 1 .. 250;
  $| = 1; print "open\n"; sleep 100]]

local function wait_for(condition)
  local deadline = novita_core.now() + 60
  while not condition() and novita_core.now() < deadline do sleep(scheduler.own(), 0.02) end
  return assert(condition(), "it takes too long")
end

it("a flood of connections fails no training", function()
  local folder <close> = support.folder()
  local data, go = program.prepare(folder.path), folder.path .. "/go"
  local key = program.run(data, "key", "add", "anna").out:match "sk_%x+"
  local server <close> = program.start(data, { "--models", folder.path .. "/models.json",
    "--trainer", ("sh -c 'until test -e %s; do sleep 0.02; done; cp %s/model out/m.safetensors' sh")
      :format(go, folder.path) }, { "sh", "-c", 'ulimit -n 200; exec "$@"', "sh" })
  local client <close> = server:client(key)
  for _, name in ipairs { "first", "second" } do client:train(program.params { name = name }) end
  wait_for(function()
    local counts = overview.read(data).counts
    return counts.TRAINING == 1 and counts.QUEUING == 1
  end)
  local opened = false
  local flood = assert(process.start { argv = { "perl", "-e", FLOOD, server.url:match "%d+$" },
    on_line = function(stream) opened = opened or stream == 0 end })
  wait_for(function() return opened end)
  cli.write(go, "")
  local counts
  wait_for(function()
    counts = overview.read(data).counts
    return not counts.QUEUING and not counts.TRAINING
  end)
  flood:stop()
  flood:wait()
  assert.same({ SUCCESS = 2 }, counts)
end)

it("a lack of descriptors is no fault of the trainer, and a missing trainer is", function()
  local script = [[
    local failure, process = require "novita.server.failure", require "novita.server.process"
    local function start(name)
      local _, err = process.start { argv = { name } }
      err = failure.of_start(failure.of_a "trainer", err)
      io.write(err.kind, " ", err.code, "\n")
    end
    start "/no/such/program"
    local held = {}
    for _ = 1, 60 do held[#held + 1] = io.open "/dev/null" end
    start "/bin/true"]]
  local file = files.temporary(script)
  local pipe <close> = assert(io.popen(("ulimit -n 40; %s %s"):format(interpreter, file)))
  assert.equal("trainer spawn\nfile resources\n", pipe:read "a")
  os.remove(file)
end)
