-- Server-sent events, to curl.

local clock = require("novita.core").now
local httpd = require "novita.httpd"

local server

before_each(function()
  server = assert(httpd.start { name = "the test", entry = "support.httpd.program",
    options = "", port = 0, body_limit = 1024, tick = 0 })
end)
after_each(function() server:stop() end)

---@return file* client
---@return string pid
local function connect(query)
  local client = assert(io.popen(("echo $$; exec curl -q -s -N --max-time 60 "
    .. "'http://127.0.0.1:%d/events%s'"):format(server:port(), query or "")))
  return client, client:read "l"
end

-- The next line that is not a heartbeat.
local function line(client)
  local text
  repeat text = client:read "l" until text == nil or not text:find "^:" and text ~= ""
  return text
end

local function eventually(condition)
  local deadline = clock() + 10
  while not condition() do
    if clock() > deadline then return false end
    os.execute "sleep 0.01"
  end
  return true
end

describe("a stream of events", function()
  it("sends each event as it comes, until it is closed", function()
    local client <close> = connect()
    assert.equal("event: greeting", line(client))
    assert.equal("data: hello", line(client))
    assert.equal("true", server:call("send", "one\ntwo\r\n\rthree"))
    for _, text in ipairs { "one", "two", "", "three" } do
      assert.equal("data: " .. text, line(client))
    end
    server:call("send", ("x"):rep(100000))
    server:call("end", "")
    assert.equal(#"data: " + 100000, #line(client))
    assert.is_nil(line(client))
    assert.equal("false", server:call("send", "late"))
    assert.is_true(eventually(function() return server:call("gone", "") == "1" end))
  end)

  it("sends heartbeats, by which it notices that the client has gone", function()
    local client, pid = connect()
    local _ <close> = client
    assert.equal("event: greeting", client:read "l")
    assert.equal("data: hello", client:read "l")
    assert.equal("", client:read "l")
    assert.equal(":", client:read "l")
    os.execute("kill " .. pid)
    assert.is_true(eventually(function() return server:call("gone", "") == "1" end))
    assert.equal("false", server:call("send", "late"))
  end)

  it("ends if more waits than it may hold", function()
    local client <close> = connect "?most=1000"
    assert.equal("event: greeting", line(client))
    assert.equal("false", server:call("send", ("x"):rep(1000)))
    assert.equal("data: hello", line(client))
    assert.is_nil(line(client))
  end)
end)
