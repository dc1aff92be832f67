--- Uploads: many at once over a few kept connections, with links that do not expire.

local co = require "support.coroutines"
local core = require "novita.core"
local novita = require "novita"
local support = require "support.client"
local shared = require "support.uploads"

local bytes_of, source, photo, ids_of = shared.bytes_of, shared.source, shared.photo, shared.ids_of

describe("uploads", function()
  it("run concurrently over a few kept connections, with results in the given order", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { uploads = 4, connections = 6 })
    local sources, most = {}, 0
    for i = 1, 120 do sources[i] = photo(i, 4000 + 8 * i) end
    local ids
    local before = support.connections(service)
    co.run(function()
      local group <close> = co.group()
      local watcher = group:spawn(function()
        while not ids do
          most = math.max(most, support.connections(service, true))
          co.sleep(0.002)
        end
      end)
      ids = assert(ids_of(client:upload(sources)))
      watcher:wait()
    end)
    local sizes = {}
    for _, asset in ipairs(service:ledger().assets) do sizes[asset.id] = asset.size end
    for i, id in ipairs(ids) do assert.equal(#sources[i].bytes, sizes[id]) end
    assert.equal(120, #ids)
    assert.equal(120, service:ledger().routes.put.requests)
    assert.is_true(most >= 1 and most <= 4, "connections open at a time: " .. most)
    assert.is_true(support.connections(service) - before <= 4, "connections in all")
  end)

  it("that are canceled in the queue do not affect the others", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { uploads = 1 })
    local gone, made = { [2] = true, [4] = true, [5] = true, [8] = true }, {}
    service:fault { kind = "delay", delay = 0.05, route = "presign" } -- the first has the place
    co.run(function()
      local group <close> = co.group { collect = true }
      local fibers = {}
      for i = 1, 8 do
        fibers[i] = group:spawn(function()
          assert(client.assets:upload(source(i)))
          made[#made + 1] = i
        end)
      end
      co.sleep(0.01)
      for i in pairs(gone) do fibers[i]:cancel() end
    end)
    assert.same({ 1, 3, 6, 7 }, made)
  end)

  for _, case in ipairs { { uploads = 2, connections = 16 }, { uploads = 16, connections = 3 } } do
    it(("hold no more than %d places and %d connections"):format(case.uploads, case.connections),
      function()
        local service <close> = support.service()
        local client <close> = support.client(service, case)
        service:fault { kind = "delay", delay = 0.05, route = "put", forever = true }
        local sources = {}
        for i = 1, 9 do sources[i] = photo(i) end
        local began, before = core.now(), support.connections(service)
        assert(ids_of(client:upload(sources)))
        local at_once = math.min(case.uploads, case.connections)
        assert.is_true(core.now() - began >= 9 / at_once * 0.05 * 0.9)
        assert.is_true(support.connections(service) - before <= at_once)
        -- a slot is held from the link to the end: no link expires in the queue
        local open, most = 0, 0
        for _, request in ipairs(service:requests()) do
          open = open + (request.route == "presign" and 1 or -1)
          most = math.max(most, open)
        end
        assert.is_true(most <= case.uploads, "links at a time: " .. most)
      end)
  end

  it("take files, bytes and prepared images", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local path = support.temporary(support.photo(3))
    local prepared = assert(require("novita.image.prepare_op").op(support.photo(1),
      { size = 64, format = "png" }, client.loop))
    local ids = assert(ids_of(client:upload {
      path, { path = path }, { bytes = support.photo(4) } }))
    ids[4] = assert(client.assets:upload { prepared = prepared, extension = "png" })
    os.remove(path)
    local sizes = {}
    for i, asset in ipairs(service:ledger().assets) do sizes[i] = asset.size end
    table.sort(sizes)
    local expected = { #support.photo(3), #support.photo(3), #support.photo(4),
      #prepared:bytes() }
    table.sort(expected)
    assert.same(expected, sizes)
    assert.equal(4, #ids)
  end)

  it("convert ids that are numbers to strings", function()
    local service <close> = support.service { asset_ids = "integer" }
    local client <close> = support.client(service)
    assert.equal("100024", client.assets:upload(source(1)))
  end)

  it("accept a response in an envelope", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local asset = client.assets:create "jpeg"
    service:fault { kind = "status", status = 200, route = "presign",
      body = ('{"code":0,"msg":"","data":{"assets_id":12345678901234567890,"upload_url":"%s"}}')
        :format(asset.upload_url:gsub("&", "\\u0026")) }
    assert.equal("12345678901234567890", client.assets:upload(source(1)))
    assert.equal(1, service:ledger().assets[1].uploads)
  end)

  it("request a new link if the old one has expired meanwhile", function()
    local service <close> = support.service { presign_ttl = 60, speed = 1000 }
    local client <close> = support.client(service)
    service:fault { kind = "delay", delay = 0.1, after = true, route = "presign", times = 2 }
    local id = assert(client.assets:upload(source(1)))
    local ledger = service:ledger()
    assert.equal(3, #ledger.assets)
    assert.equal(id, ledger.assets[3].id)
    assert.is_nil(ledger.assets[1].size)
    assert.equal(3, ledger.routes.put.requests)
  end)

  it("give up when every link has expired", function()
    local service <close> = support.service { presign_ttl = 60, speed = 1000 }
    local client <close> = support.client(service)
    service:fault { kind = "delay", delay = 0.1, after = true, route = "presign", forever = true }
    local id, err = client.assets:upload(source(1))
    assert.is_nil(id)
    assert.equal(403, err.status)
    assert.equal("AccessDenied", err.code)
    assert.matches("expired", tostring(err))
    assert.equal(6, service:ledger().routes.put.requests)
  end)

  it("end with their deadline", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "hang", route = "put" }
    local began = core.now()
    local id, err = client.assets:upload(source(1), 0.2)
    assert.is_nil(id)
    assert.equal("timeout", err.kind)
    assert.is_true(core.now() - began < 2)
  end)

  it("repeat an interrupted PUT from its first byte", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "cut_upload", route = "put", times = 2 }
    local path = support.temporary(bytes_of(1, 3000000))
    assert(client.assets:upload { path = path, extension = "jpeg" })
    os.remove(path)
    assert.equal(3000000, service:ledger().assets[1].size)
    assert.equal(1, service:ledger().assets[1].uploads)
  end)

  it("survive a kept connection that breaks during a PUT", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { connections = 1 })
    for _, kind in ipairs { "reset_before", "fin_before", "reset_after" } do
      service:fault { kind = kind, route = "put" }
      local began = core.now()
      assert(client.assets:upload(source(1)))
      assert.is_true(core.now() - began < 2, kind)
    end
  end)
end)

describe("a file", function()
  local service, client

  before_each(function()
    service = support.service()
    client = support.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  local function refused(given, kind, words)
    local id, err = client.assets:upload(given)
    assert.is_nil(id)
    assert.equal(kind, err.kind)
    assert.matches(words, tostring(err), 1, true)
    assert.is_nil(tostring(err):find "\n")
    return err
  end

  it("that is missing is named, and nothing is sent", function()
    refused("/nowhere/a.jpg", "file", "/nowhere/a.jpg")
    refused({ path = "/nowhere/a.jpg", extension = "jpeg" }, "file", "No such file")
    refused({ path = "/tmp", extension = "jpeg" }, "file", "is not a file")
    assert.equal(0, #service:requests())
  end)

  it("that is empty is not an image", function()
    local path = support.temporary ""
    refused(path, "image", path)
    os.remove(path)
    assert.equal(0, #service:requests())
  end)

  it("that shrinks while it is being sent ends the upload", function()
    local path = support.temporary(bytes_of(1, 20000000))
    service:fault { kind = "delay", delay = 0.2, after = true, route = "presign" }
    local err
    co.run(function()
      local group <close> = co.group()
      group:spawn(function()
        err = refused({ path = path, extension = "jpeg" }, "file", "could not be read to its end")
      end)
      co.sleep(0.1)
      assert(io.open(path, "wb")):close()
    end)
    os.remove(path)
    assert.equal("changed", err.code)
    assert.matches(path, tostring(err), 1, true)
    assert.is_nil(service:ledger().assets[1].size)
    assert.is_string((client.assets:upload(source(1))))
  end)

  it("is closed afterwards", function()
    local function descriptors()
      local pipe, count = io.popen "ls /proc/$PPID/fd", 0
      for _ in pipe:lines() do count = count + 1 end
      pipe:close()
      return count
    end
    local path = support.temporary(support.photo(1))
    assert(client.assets:upload(path))
    local before = descriptors()
    for _ = 1, 20 do
      assert(client.assets:upload(path))
      client.assets:upload { path = "/tmp", extension = "jpeg" }
    end
    os.remove(path)
    -- a kept connection may have been closed in between, or another one opened: 20 files more would
    -- be a leak
    assert.is_true(descriptors() <= before + 4)
  end)
end)

describe("a canceled upload", function()
  it("frees its slot and its connection", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { uploads = 1, connections = 1 })
    service:fault { kind = "hang", route = "put" }
    local id
    co.run(function()
      local group <close> = co.group()
      local function upload(number, size)
        return pcall(client.assets.upload, client.assets, source(number, size))
      end
      local stuck = group:spawn(upload, 1, 4000000)
      local queued = group:spawn(upload, 2)
      local last = group:spawn(function() id = client.assets:upload(source(3)) end)
      repeat co.sleep(0.02) until #support.requests(service, "put") == 1
      queued:cancel()
      stuck:cancel()
      last:wait(20)
    end)
    assert.is_string(id)
    assert.equal(2, service:ledger().routes.put.requests)
  end)

  it("is what closing the client leaves", function()
    local service <close> = support.service()
    local client = support.client(service, { uploads = 2 })
    service:fault { kind = "hang", route = "put", forever = true }
    local errs = {}
    co.run(function()
      local group <close> = co.group()
      for i = 1, 6 do
        group:spawn(function() errs[i] = select(2, client.assets:upload(source(i))) end)
      end
      for _ = 1, 500 do
        if #support.requests(service, "put") == 2 then break end
        co.sleep(0.01)
      end
      client:close()
    end)
    for i = 1, 6 do assert.equal("canceled", errs[i].kind) end
    assert.equal(2, service:ledger().routes.presign.requests)
  end)
end)

describe("a call on a closed client", function()
  it("raises at the line of the call, in a coroutine too", function()
    local client = novita.client { api_key = "sk_closed", base_url = "http://127.0.0.1:1" }
    client:close()
    client:close()
    for name, call in pairs {
      get = function() local v = client.trainings:get("a", "subject") return v end,
      asset = function() local v = client.assets:create "png" return v end,
      upload = function() local v = client.assets:upload(source(1)) return v end,
      list = function() local v = ids_of(client:upload { photo(1) }) return v end,
    } do
      for _, way in ipairs { pcall, function(f) return pcall(co.run, f) end } do
        local ok, message = way(call)
        assert.is_false(ok)
        assert.matches("^[%w_/%.]*upload_spec.lua:%d+: the client is closed$", message, name)
      end
    end
  end)
end)

describe("a child process", function()
  it("inherits none of our connections", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    assert(client.assets:upload(source(1)))
    assert.is_true(support.connections(service, true) >= 1)
    local port = ("%04X"):format(service.base_url:match ":(%d+)$")
    -- the child's sockets that /proc/net/tcp lists as connections to the service
    local pipe = io.popen(([[for f in /proc/self/fd/*; do readlink $f; done |
      sed -n 's/socket:\[\(.*\)\]/\1/p' | while read i; do
      awk -v i=$i '$3 ~ /:%s$/ && $10 == i' /proc/net/tcp; done]]):format(port))
    local text = pipe:read "a"
    pipe:close()
    assert.equal("", text)
  end)
end)
