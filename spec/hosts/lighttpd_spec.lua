-- examples/lighttpd/training.lua in lighttpd's mod_magnet: a script works, and keeps lighttpd from
-- serving others while it does.

local cli = require "support.cli"
local emulator = require "support.emulator"
local fixtures = require "support.fixtures"
local lfs = require "lfs"
local nginx = require "support.nginx"
local programs = require "support.programs"

local CONFIG <const> = [[
server.modules = ("mod_magnet")
server.document-root = "%s"
server.bind = "127.0.0.1"
server.port = %d
$HTTP["url"] =~ "^/training/" { magnet.attract-raw-url-to = ("%s/examples/lighttpd/training.lua") }
]]

local DELAY <const> = 1.5 -- seconds

local top, build = lfs.currentdir(), os.getenv "BUILD" or "build"
build = build:find "^/" and build or top .. "/" .. build

local function missing()
  if not programs.has "lighttpd" then
    return "lighttpd is not installed"
  elseif not programs.run "ls /usr/lib/lighttpd":find "mod_magnet" then
    return "lighttpd-modules-lua is not installed"
  elseif os.getenv "NOVITA_SANITIZED" then
    return "the sanitizers are not in lighttpd"
  end
end

local function start(folder, service, port)
  cli.write(folder .. "/lighttpd.conf", CONFIG:format(folder, port, top))
  local out = programs.run(("env NOVITA_BASE_URL=%s NOVITA_API_KEY=%s LUA_PATH='%s/lua/?.lua;"
    .. "%s/lua/?/init.lua;;' LUA_CPATH='%s/?.so;;' lighttpd -D -f %s/lighttpd.conf >%s/log 2>&1 & "
    .. "echo $!"):format(service.base_url, service.api_key, top, top, build, folder, folder))
  return out:match "%d+"
end

local function get(port, path)
  return emulator.curl(("http://127.0.0.1:%d/%s"):format(port, path))
end

local function wait_until_up(port, folder)
  for _ = 1, 300 do
    if get(port, "plain.txt").exit == 0 then
      return
    end
    os.execute "sleep 0.1"
  end
  error("lighttpd has not started: " .. programs.run("cat " .. folder .. "/log"))
end

describe("the script for lighttpd", function()
  it("responds by the status of a training, and blocks the others meanwhile", function()
    local why = missing()
    if why then
      print("# skipped: " .. why)
      pending(why)
      return
    end
    local service <close> = fixtures.service { speed = 0 }
    local id = emulator.train(service, 1)
    local folder, port = cli.folder(), nginx.free_port()
    cli.write(folder .. "/plain.txt", "plain\n")
    local process = start(folder, service, port)
    finally(function()
      os.execute("kill " .. process)
      cli.remove(folder)
    end)
    wait_until_up(port, folder)

    assert.equal("QUEUING\n", get(port, "training/" .. id).body)
    service:advance(2)
    assert.equal("TRAINING\n", get(port, "training/" .. id).body)
    assert.equal(404, get(port, "training/00000000-0000-0000-0000-000000000000").status)

    service:fault { kind = "delay", delay = DELAY, route = "status" }
    local slow = io.popen(("curl -s --max-time 20 http://127.0.0.1:%d/training/%s"):format(port,
      id))
    for _ = 1, 1000 do -- until the script has asked
      local requests = service:requests()
      if requests[#requests].fault then
        break
      end
    end
    local plain = get(port, "plain.txt")
    assert.equal("plain\n", plain.body)
    assert.equal("TRAINING\n", slow:read "a")
    slow:close()
    print(("# a file took %.0f ms while the script waited %.0f ms"):format(plain.seconds * 1000,
      DELAY * 1000))
    assert.is_true(plain.seconds > DELAY / 3)
  end)
end)
