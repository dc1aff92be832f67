--- Names that resolve slowly, or to an address where no one listens.

local core = require "novita.core"
local network = require "support.network"

local network_it = network.choose(it, pending)

-- A fiber's longest pause is that of the loop.
local SHARED <const> = [[
local core = require "novita.core"
local novita = require "novita"
local function open(options)
  options.api_key, options.log = "sk_123456789", function() end
  options.retry = options.retry or { attempts = 1 }
  return novita.client(options)
end
local longest = 0
local function watch(client, busy)
  local last = core.now()
  while busy() do
    client:sleep(0.02)
    local now = core.now()
    longest, last = math.max(longest, now - last), now
  end
end
]]

local BLOCK <const> = 4 -- seconds; libcurl waits for the resolver for 9, without its quick exit

local function can_leave_the_resolver()
  local major, minor = core.versions().curl:match "^(%d+)%.(%d+)"
  return tonumber(major) * 1000 + tonumber(minor) >= 7087
end

describe("a name server that is silent", function()
  local function try(title, source, shared)
    if not can_leave_the_resolver() then
      return pending(title .. ": libcurl is older than 7.87")
    end
    network_it(title, function()
      local output, status = network.run((shared or SHARED) .. source, { names = { ["*"] = "" } })
      assert.equal("good\n", output)
      assert.equal(0, status)
    end)
  end

  try("stops neither the loop nor a timeout", ([[
    local client <close> = open { base_url = "https://api.example.com", connect_timeout = 1,
      retry = { attempts = 2, min = 0, max = 0 } }
    local group <close> = client:group {}
    local err
    group:spawn(function()
      local id
      id, err = client.trainings:create("subject", { name = "a" })
      assert(id == nil)
    end)
    group:spawn(watch, client, function() return err == nil end)
    group:wait()
    assert(err.kind == "timeout" and err.attempts == 2 and not err.ambiguous, tostring(err))
    assert(longest < %d, longest)
    print "good"
  ]]):format(BLOCK))

  try("does not delay a cancellation", ([[
    local client <close> = open { base_url = "https://api.example.com" }
    local group <close> = client:group { collect = true }
    local fiber = group:spawn(function() return client.account:get() end)
    client:sleep(0.3)
    local began = core.now()
    fiber:cancel()
    group:wait()
    assert(core.now() - began < %d)
    print "good"
  ]]):format(BLOCK))

  try("does not delay the closing of a client", ([[
    local client = open { base_url = "https://api.example.com" }
    local group = client:group { collect = true }
    group:spawn(function() return client.account:get() end)
    client:sleep(0.3)
    local began = core.now()
    client:close()
    assert(core.now() - began < %d)
    print "good"
  ]]):format(BLOCK))

  -- The thread that waits for the name server outlives the client, and the Lua state with it.
  try("outlives the Lua state that asked it", [[
    local luv = require "luv"
    local thread = luv.new_thread(function(path, cpath)
      package.path, package.cpath = path, cpath
      local client = require "novita".client { api_key = "sk_123456789",
        base_url = "https://api.example.com" }
      local group = client:group { collect = true }
      group:spawn(function() return client.account:get() end)
      client:sleep(0.3)
      client:close()
    end, package.path, package.cpath)
    luv.thread_join(thread)
    luv.sleep(11000)
    print "good"
  ]], "")
end)

describe("a host whose first address is dead", function()
  -- No one accepts at the first address, and no further connection fits into its queue: packets to
  -- it are dropped.
  network_it("is reached at its second", function()
    local output = network.run(SHARED .. [[
      local luv = require "luv"
      local tls = require "support.tls"
      local authority <close> = tls.authority()
      authority:respond("/v3/user", '{"user":{}}')
      local server <close> = authority:serve { certificate = "example", address = "127.0.0.2" }
      local dead = luv.new_tcp()
      assert(dead:bind("127.0.0.1", server.port))
      assert(dead:listen(1, function() end))
      for _ = 1, 8 do luv.new_tcp():connect("127.0.0.1", server.port, function() end) end
      local client <close> = open { base_url = "https://api.example.com:" .. server.port,
        ca_file = authority.ca_file, connect_timeout = 10 }
      local user, err = client.account:get()
      assert(user, tostring(err))
      print "good"
    ]], { names = { ["example.com"] = "127.0.0.1,127.0.0.2" } })
    assert.equal("good\n", output)
  end)
end)
