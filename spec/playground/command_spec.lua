-- novita playground, as a user starts it: the address, the file for the browser, the key file, the
-- end with Ctrl-C.

local cjson = require("cjson").new()
local cli = require "support.cli"
local helper = require "support.emulator"
local lfs = require "lfs"
local support = require "support.client"

local folder, service, pid, address

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read("a"):gsub("%s+$", ""))
end

-- A program that stands in for the browser's opener: it writes down its arguments.
local function install_opener()
  cli.write(folder .. "/xdg-open", "#!/bin/sh\nprintf %s \"$*\" >" .. folder .. "/opened\n")
  os.execute("chmod +x " .. folder .. "/xdg-open")
end

setup(function()
  folder, service = cli.folder(), support.service()
  install_opener()
  local command = cli.command({ "playground", folder .. "/play", "--base-url", service.base_url },
    { DISPLAY = ":9", XDG_CONFIG_HOME = folder .. "/config",
      PATH = folder .. ":" .. os.getenv "PATH" })
  pid = shell(("%s >%s/out 2>%s/err & echo $!"):format(command, folder, folder))
  for _ = 1, 400 do
    address = shell("head -n 1 " .. folder .. "/out")
    if address ~= "" then break end
    os.execute "sleep 0.05"
  end
end)

teardown(function()
  os.execute("kill -9 " .. pid .. " 2>/dev/null")
  service:stop()
  cli.remove(folder)
end)

local function post(command, values)
  local base_url = address:match "^http://[%d.:]+"
  local entry = helper.curl(address)
  return helper.curl(base_url .. "/api/" .. command, "-H", "Origin: " .. base_url, "-H", "Cookie: "
    .. entry.headers["set-cookie"]:match "^[^;]+", "-d", cjson.encode(values))
end

describe("novita playground", function()
  it("prints its address", function()
    assert.matches("^http://127%.0%.0%.1:%d+/%?token=%x+$", address)
    assert.equal(200, helper.curl(address).status)
  end)

  it("gives the browser the address in a private file", function()
    for _ = 1, 200 do
      if lfs.attributes(folder .. "/opened", "size") then break end
      os.execute "sleep 0.05"
    end
    local file = shell("cat " .. folder .. "/opened")
    assert.equal(folder .. "/play/open.html", file)
    assert.equal("rw-------", lfs.attributes(file, "permissions"))
    assert.truthy(shell("cat " .. file):find(address, 1, true))
    assert.not_matches("token", shell("tr '\\0' ' ' </proc/" .. pid .. "/cmdline"))
  end)

  it("writes the key to the key file if it is asked to, for its owner only", function()
    local wrong = { key = "sk_wrong", base_url = service.base_url, remember = true }
    assert.equal(422, post("key", wrong).status)
    local other = post("key", { key = "sk_b", base_url = "http://127.0.0.1:1", remember = true })
    assert.matches("untick that box for another service", other.json.error.message)
    assert.is_nil(lfs.attributes(folder .. "/config/novita/key"))
    assert.equal(200, post("key", { key = service.api_key, base_url = service.base_url,
      remember = true }).status)
    local path = folder .. "/config/novita/key"
    assert.equal("rw-------", lfs.attributes(path, "permissions"))
    assert.equal(service.api_key, shell("cat " .. path))
  end)

  it("ends with Ctrl-C", function()
    os.execute("kill -INT " .. pid)
    for _ = 1, 400 do
      if shell("kill -0 " .. pid .. " 2>/dev/null && echo here") == "" then break end
      os.execute "sleep 0.05"
    end
    assert.equal("", shell("kill -0 " .. pid .. " 2>/dev/null && echo here"))
    assert.matches("playground stopped", shell("cat " .. folder .. "/err"))
  end)
end)
