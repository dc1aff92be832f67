-- examples/prosody/mod_novita.lua in Prosody, which runs as an unprivileged user.

local cli = require "support.cli"
local emulator = require "support.emulator"
local fixtures = require "support.fixtures"
local lfs = require "lfs"
local nginx = require "support.nginx"
local programs = require "support.programs"

local CONFIG <const> = [[
run_as_root = false
daemonize = false
pidfile = "%s/prosody.pid"
data_path = "%s"
plugin_paths = { "%s/examples/prosody" }
modules_enabled = { "novita" }
modules_disabled = { "c2s", "s2s", "offline" }
http_interfaces = { "127.0.0.1" }
http_ports = { %d }
https_ports = {}
log = { info = "*console" }
VirtualHost "localhost"
]]

local top, build = lfs.currentdir(), os.getenv "BUILD" or "build"
build = build:find "^/" and build or top .. "/" .. build

local as_nobody = ""
if programs.run "id -u" == "0\n" then
  as_nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups"
end

local function missing()
  if not programs.has "prosody" then
    return "prosody is not installed"
  elseif os.getenv "NOVITA_SANITIZED" then
    return "the sanitizers are not in Prosody"
  elseif not select(2, programs.run(as_nobody .. " test -r lua/novita/init.lua")) then
    return "an unprivileged user cannot read this folder"
  end
end

local function start(folder, service, port)
  cli.write(folder .. "/prosody.cfg.lua", CONFIG:format(folder, folder, top, port))
  os.execute(("chmod 755 %s; chown 65534 %s 2>/dev/null"):format(folder, folder))
  local variables = ("env HOME=%s NOVITA_BASE_URL=%s NOVITA_API_KEY=%s LUA_PATH='%s/lua/?.lua;"
    .. "%s/lua/?/init.lua;;' LUA_CPATH='%s/?.so;;'"):format(folder, service.base_url,
    service.api_key, top, top, build)
  local out = programs.run(("%s %s prosody -F --config %s/prosody.cfg.lua >%s.log 2>&1 & echo $!")
    :format(as_nobody, variables, folder, folder))
  return out:match "%d+"
end

local function get(port, path)
  return emulator.curl("-H", "Host: localhost",
    ("http://127.0.0.1:%d/novita/%s"):format(port, path))
end

local function wait_until_up(port, log)
  for _ = 1, 300 do
    if get(port, "none/none").exit == 0 then
      return
    end
    os.execute "sleep 0.1"
  end
  error("Prosody has not started: " .. programs.run("cat " .. log))
end

describe("the module for Prosody", function()
  it("responds by the status of a training and waits for its model", function()
    local why = missing()
    if why then
      print("# skipped: " .. why)
      pending(why)
      return
    end
    local service <close> = fixtures.service { speed = 0 }
    local id = emulator.train(service, 1)
    local folder, port = cli.folder(), nginx.free_port()
    local process = start(folder, service, port)
    finally(function()
      os.execute("kill " .. process)
      cli.remove(folder)
      os.remove(folder .. ".log")
    end)
    wait_until_up(port, folder .. ".log")

    assert.equal("QUEUING 0 %\n", get(port, id).body)
    service:advance(2)
    assert.matches("^TRAINING %d+ %%\n$", get(port, id).body)
    local unknown = get(port, "00000000-0000-0000-0000-000000000000")
    assert.equal(404, unknown.status)

    -- A request waits for the model, and others are served meanwhile.
    local waiting = io.popen(("curl -s --max-time 20 -H 'Host: localhost' "
      .. "http://127.0.0.1:%d/novita/%s/model"):format(port, id))
    assert.matches("^TRAINING", get(port, id).body)
    for _ = 1, 2 do
      service:advance(100)
      emulator.status(service, id)
    end
    assert.matches("^model_[%w_]+%.safetensors\n$", waiting:read "a")
    waiting:close()
  end)
end)
