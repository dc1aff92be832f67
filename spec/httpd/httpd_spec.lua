-- The HTTP server, by real requests of curl: requests and responses, waits, bodies in files and
-- from files, streams, ticks.

local clock = require("novita.core").now
local helper = require "support.emulator"
local httpd = require "novita.httpd"
local interpreter = require "support.interpreter"

local FINE, TOO_SHORT, NO_RESPONSE = 0, 18, 52 -- exit codes of curl
local MIB = 1024 * 1024

local folder

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read("a"):gsub("%s+$", ""))
end

setup(function() folder = shell "mktemp -d" end)
teardown(function() os.execute("rm -rf " .. folder) end)

local function start(more)
  local settings = { name = "the test", entry = "support.httpd.program", options = folder, port = 0,
    body_limit = 4 * MIB, tick = 0 }
  for name, value in pairs(more or {}) do settings[name] = value end
  return assert(httpd.start(settings))
end

local function get(server, path, ...)
  return helper.curl(("http://127.0.0.1:%d%s"):format(server:port(), path), ...)
end

local function write(name, bytes)
  local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(bytes)
  return folder .. "/" .. name
end

local function exists(name)
  local file = io.open(folder .. "/" .. name)
  return file ~= nil and file:close()
end

local function eventually(condition)
  local deadline = clock() + 10
  while not condition() do
    if clock() > deadline then return false end
    os.execute "sleep 0.01"
  end
  return true
end

describe("the HTTP server", function()
  it("hands requests to its program, and sends what that returns", function()
    local server <close> = start()
    assert.equal("GET /echo?a=1 0", get(server, "/echo?a=1").body)
    assert.equal("POST /echo 5", get(server, "/echo", "-d", "12345").body)
    assert.equal(404, get(server, "/other").status)
    assert.equal(NO_RESPONSE, get(server, "/close").exit)
    assert.equal("waited", get(server, "/wait").body)
  end)

  it("drops a body that the program does not want, and one that is too long", function()
    local server <close> = start()
    local body = write("body", ("x"):rep(5 * MIB))
    assert.equal("POST /echo 0", get(server, "/echo", "--data-binary", "@" .. body).body)
    assert.equal(404, get(server, "/refused", "--data-binary", "@" .. body).status)
  end)

  it("calls a control, and raises its error", function()
    local server <close> = start()
    assert.equal(("say it %d 0"):format(server:port()), server:call("say", "it"))
    local ok, message = pcall(server.call, server, "fail", "way")
    assert.is_false(ok)
    assert.matches("^no way\n", message)
    server:stop()
    assert.error_matches(function() server:port() end, "the test is stopped")
  end)

  it("calls the ticks of its program", function()
    local server <close> = start { tick = 0.005 }
    assert.is_true(eventually(function()
      return tonumber(server:call("t", "x"):match "%d+$") >= 3
    end))
  end)

  it("reports an error of a tick once, and continues", function()
    local script = write("ticks.lua", [[
      local server = assert(require("novita.httpd").start { name = "x", options = "", port = 0,
        body_limit = 1, tick = 0.005, entry = "support.httpd.failing_ticks" })
      while tonumber(server:call("", "")) < 3 do os.execute "sleep 0.01" end
      server:stop()]])
    local said = shell(("%s %s 2>&1"):format(interpreter, script))
    assert.matches("^novita%.httpd: [^\n]*a bad tick", said)
    assert.equal(1, select(2, said:gsub("a bad tick", "")))
  end)

  it("closes a connection on which nothing arrives", function()
    local server <close> = start { timeout = 1 }
    local half <close> = assert(io.popen(("timeout 60 bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d; "
      .. "printf \"GET /echo HTTP/1.1\\r\\nHost: a\\r\\n\" >&3; cat <&3; echo closed'")
      :format(server:port())))
    assert.equal("closed\n", half:read "a")
    assert.equal("waited", get(server, "/wait").body)
  end)

  it("says why it cannot start", function()
    local function fails(more, message)
      local settings = { name = "x", entry = "support.httpd.program", options = folder, port = 0,
        body_limit = 1, tick = 0 }
      for name, value in pairs(more) do settings[name] = value end
      local server, why = httpd.start(settings)
      assert.is_nil(server)
      assert.matches(message, why)
    end
    local first <close> = start()
    fails({ port = first:port() }, "^cannot listen on 127%.0%.0%.1:%d+: Address already in use")
    fails({ entry = "support.no_such_program" }, "module 'support.no_such_program' not found")
  end)
end)

describe("a body in a file", function()
  local function upload(server, path, bytes)
    local name = write("body", bytes)
    return get(server, path, "-T", name)
  end

  it("is written while it arrives, and removed with its request", function()
    local server <close> = start()
    local response = upload(server, "/upload", ("x"):rep(3 * MIB))
    assert.equal(("%d %d 0"):format(3 * MIB, 3 * MIB), response.body)
    assert.is_true(eventually(function() return not exists "upload" end))
  end)

  it("stays if the program renames it", function()
    local server <close> = start()
    assert.equal("3 3 0", upload(server, "/upload?keep", "abc").body)
    assert.equal("abc", shell(("cat %s/kept"):format(folder)))
    assert.equal("600", shell(("stat -c %%a %s/kept"):format(folder)))
  end)

  it("is limited like any other", function()
    local server <close> = start()
    assert.equal(413, upload(server, "/upload", ("x"):rep(4 * MIB + 1)).status)
    assert.is_true(eventually(function() return not exists "upload" end))
  end)

  it("never replaces a file, and an error has its reason", function()
    local server <close> = start()
    write("there", "mine")
    local response = upload(server, "/upload?name=there", "abc")
    assert.equal("507 File exists", response.status .. " " .. response.body)
    response = upload(server, "/upload?name=no/folder", "abc")
    assert.equal("507 No such file or directory", response.status .. " " .. response.body)
    get(server, "/echo") -- the other requests have ended
    assert.equal("mine", shell(("cat %s/there"):format(folder)))
  end)

  it("is removed if the peer gives up", function()
    local server <close> = start()
    local curl <close> = assert(io.popen(("head -c 1000 /dev/zero | curl -q -s --max-time 1 -T - "
      .. "-H 'Content-Length: 5000' -H 'Transfer-Encoding:' http://127.0.0.1:%d/upload")
      :format(server:port())))
    assert.is_true(eventually(function() return exists "upload" end))
    curl:read "a"
    assert.is_true(eventually(function() return not exists "upload" end))
  end)
end)

describe("a response", function()
  it("sends a file, or a part of it", function()
    local server <close> = start()
    local bytes = {}
    for i = 1, 100000 do bytes[i] = ("%06d "):format(i) end
    local whole = table.concat(bytes)
    write("whole", whole)
    local response = get(server, "/file?first=0&length=" .. #whole)
    assert.equal(FINE, response.exit)
    assert.is_true(response.body == whole)
    response = get(server, "/file?first=7000&length=14")
    assert.equal("001001 001002 ", response.body)
    assert.equal("14", response.headers["content-length"])
  end)

  it("is made by a function, piece by piece", function()
    local server <close> = start()
    local expected = "piece 1 at 0\npiece 2 at 13\npiece 3 at 27\n"
    local response = get(server, "/pieces")
    assert.equal(expected, response.body)
    assert.equal("chunked", response.headers["transfer-encoding"])
    response = get(server, "/exact")
    assert.equal(expected, response.body)
    assert.equal("41", response.headers["content-length"])
    response = get(server, "/short")
    assert.equal(TOO_SHORT, response.exit)
    assert.equal(expected, response.body)
  end)

  it("that never ends does not keep the server from stopping", function()
    local server = start()
    local curl <close> = assert(io.popen(("curl -q -s -N --max-time 60 -D - "
      .. "http://127.0.0.1:%d/never"):format(server:port())))
    assert.matches("200", curl:read "l")
    server:stop()
    curl:read "a"
  end)
end)
