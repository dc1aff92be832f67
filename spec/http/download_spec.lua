--- A saved image is complete, or it is not saved at all.

local co = require "support.coroutines"
local interpreter = require "support.interpreter"
local support = require "support.client"
local tls = require "support.tls"

local function mode_of(path)
  local pipe = assert(io.popen("stat -c %a '" .. path .. "'"))
  local mode = pipe:read "l"
  pipe:close()
  return mode
end

local function write(path, bytes)
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
end

describe("save", function()
  local service, client, generated, folder, path

  before_each(function()
    service = support.service()
    client = support.client(service, { retry = { attempts = 2 } })
    generated = support.generated_image(client)
    folder = support.folder()
    path = folder.path .. "/a.png"
  end)

  after_each(function()
    client:close()
    service:stop()
    getmetatable(folder).__close()
  end)

  local function fault(given)
    given.route, given.forever = "download", true
    service:fault(given)
  end

  -- Runs `save` in a separate program, after a line of shell, and returns its output.
  local function elsewhere(shell)
    local script = support.temporary(([[
      local client <close> = require("novita").client { base_url = %q, api_key = %q }
      local generated = require("novita.client.generated_image").new(client, { image_url = %q })
      print(generated:save(%q))
    ]]):format(service.base_url, service.api_key, generated:url(), path))
    local pipe = io.popen(("%s; exec %s %s 2>&1"):format(shell, interpreter, script))
    local text = pipe:read "a"
    pipe:close()
    os.remove(script)
    return text
  end

  it("writes the image's bytes, and returns the path", function()
    assert.equal(path, generated:save(path))
    assert.equal(assert(generated:bytes()), support.read(path))
    assert.same({ "a.png" }, folder.list())
  end)

  for mask, mode in pairs { ["022"] = "644", ["077"] = "600", ["002"] = "664" } do
    it("gives the file the mode that a umask of " .. mask .. " says", function()
      elsewhere("umask " .. mask)
      assert.equal(mode, mode_of(path))
    end)
  end

  it("replaces an older file", function()
    write(path, "old")
    assert(generated:save(path))
    assert.equal(assert(generated:bytes()), support.read(path))
  end)

  local failures = {
    ["is cut"] = { kind = "cut_body" },
    ["is reset"] = { kind = "reset_before" },
    ["is refused"] = { kind = "status", status = 403 },
    ["moves away"] = { kind = "status", status = 302,
      headers = { Location = "http://192.0.2.1/" } },
    ["is something else"] = { kind = "status", status = 206, body = "half" },
  }
  for name, given in pairs(failures) do
    it("keeps an older file, and leaves no other, if the response " .. name, function()
      write(path, "old")
      fault(given)
      local saved, err = generated:save(path)
      assert.is_nil(saved)
      assert.matches(path, tostring(err), 1, true)
      assert.is_nil(tostring(err):find "\n")
      assert.is_true(err.attempts >= 1)
      assert.equal("old", support.read(path))
      assert.same({ "a.png" }, folder.list())
      service:clear_faults()
      assert(generated:save(path))
    end)
  end

  it("ends at its limit, and keeps an older file", function()
    write(path, "old")
    local saved, err = require("novita.async.op").await(client.loop, function(future)
      return client.core:download(future, { url = generated:url(), path = path, limit = 100 })
    end)
    assert.is_nil(saved)
    assert.equal("too_big", err.code)
    assert.equal("old", support.read(path))
    assert.same({ "a.png" }, folder.list())
  end)

  it("reports the storage's error", function()
    fault { kind = "status", status = 403 }
    local _, err = generated:save(path)
    assert.equal("AccessDenied", err.code)
    assert.equal(403, err.status)
  end)

  it("leaves no file when it is canceled or times out", function()
    fault { kind = "slow", rate = 200 }
    co.run(function()
      local group <close> = co.group()
      local saving = group:spawn(pcall, generated.save, generated, path)
      co.sleep(0.2)
      assert.equal(1, #folder.list())
      saving:cancel()
    end)
    assert.same({}, folder.list())
    local saved, err = generated:save(path, 0.1)
    assert.is_nil(saved)
    assert.equal("timeout", err.kind)
    assert.same({}, folder.list())
  end)

  it("leaves no file when the client is closed", function()
    fault { kind = "slow", rate = 200 }
    local err
    co.run(function()
      local group <close> = co.group()
      group:spawn(function() err = select(2, generated:save(path)) end)
      co.sleep(0.2)
      client:close()
    end)
    assert.equal("canceled", err.kind)
    assert.same({}, folder.list())
  end)

  it("rejects paths that cannot be written", function()
    os.execute("mkdir '" .. path .. "'")
    for _, bad in ipairs { "/nowhere/a.png", folder.path .. "/b/c.png", path } do
      local saved, err = generated:save(bad)
      assert.is_nil(saved)
      assert.equal("file", err.kind)
      assert.matches(bad, tostring(err), 1, true)
      assert.is_nil(tostring(err):find "\n")
    end
    assert.same({ "a.png" }, folder.list())
  end)

  it("reports a full disk", function()
    fault { kind = "big_body", bytes = 3000000 }
    assert.matches("cannot write the download", elsewhere "trap '' XFSZ; ulimit -f 500")
    assert.same({}, folder.list())
  end)
end)

describe("a redirect of a download", function()
  local function redirect(service, status, location, times)
    service:fault { kind = "status", status = status, route = "download",
      headers = { Location = location }, times = times }
  end

  it("is followed up to three times, without the key", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local generated = support.generated_image(client)
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      redirect(service, status, generated:url(), 3)
      assert.is_string((generated:bytes()))
    end
    for _, request in ipairs(support.requests(service, "download")) do
      assert.is_nil(request.headers.authorization)
    end
    redirect(service, 302, generated:url(), 4)
    local bytes, err = generated:bytes()
    assert.is_nil(bytes)
    assert.equal("redirects", err.code)
  end)

  for location, words in pairs {
    ["file:///etc/passwd"] = "the URL has no host",
    ["ftp://127.0.0.1/a"] = "neither https nor http",
    ["http://192.0.2.1/a"] = "refusing plain http",
    ["http://user:word@127.0.0.1/a"] = "user name",
  } do
    it("is not followed to " .. location, function()
      local service <close> = support.service()
      local client <close> = support.client(service)
      local generated = support.generated_image(client)
      redirect(service, 302, location, 1)
      local bytes, err = generated:bytes()
      assert.is_nil(bytes)
      assert.equal("protocol", err.kind)
      assert.matches(words, tostring(err), 1, true)
      assert.is_nil(tostring(err):find("passwd", 1, true) or tostring(err):find("word@", 1, true))
    end)
  end

  it("does not lead from https to plain http, not even on this machine", function()
    local authority <close> = tls.authority()
    local server <close> = authority:serve {}
    local service <close> = support.service()
    local client <close> = support.client(service, { ca_file = authority.ca_file })
    local url = support.generated_image(client):url()
    write(authority.folder .. "/answers/a", ("HTTP/1.1 302 Found\r\nLocation: %s\r\n"
      .. "Content-Length: 0\r\nConnection: close\r\n\r\n"):format(url))
    local generated_image = require "novita.client.generated_image"
    local other = generated_image.new(client, { image_url = server.url .. "/a" })
    local bytes, err = other:bytes()
    assert.is_nil(bytes)
    assert.matches("from https to plain http", tostring(err))
    assert.equal(0, #support.requests(service, "download"))
  end)
end)
