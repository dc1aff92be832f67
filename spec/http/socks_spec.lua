--- With a SOCKS proxy from the environment: everything goes through it, and what it refuses has
--- never reached the API, so nothing was paid.

local GeneratedImage = require "novita.client.generated_image"
local nginx = require "support.nginx"
local proxies = require "support.proxies"
local support = require "support.client"
local tls = require "support.tls"

local KEY <const> = "sk_of_the_socks_spec"

describe("a SOCKS proxy", function()
  local authority, service, front

  setup(function()
    authority = tls.authority()
    service = support.service { api_key = KEY, speed = 200 }
    front = nginx.front(authority, service)
  end)

  teardown(function()
    front:close()
    service:stop()
    authority:close()
  end)

  local function open(more)
    local options = { base_url = front.base_url, ca_file = front.ca_file, retry = { attempts = 3 } }
    for name, value in pairs(more or {}) do options[name] = value end
    return support.client(service, options)
  end

  -- The error of a paid request; nothing may have reached the API.
  local function unpaid(proxy, url, more)
    local before, id, err = #service:requests(), nil, nil
    proxies.through(url or proxy.url, function()
      local client <close> = open(more)
      id, err = client.trainings:create("subject", support.body())
    end)
    assert.is_nil(id)
    assert.is_nil(err.ambiguous, tostring(err))
    assert.equal(before, #service:requests())
    local text = tostring(err)
    assert.is_nil(text:find "%c")
    assert.is_nil(text:find(proxies.PASSWORD, 1, true))
    assert.matches("0%.0%.0%.0:" .. front.port, text)
    assert.matches("the proxy 127%.0%.0%.1:" .. (proxy and proxy.port or ""), text)
    return err
  end

  for scheme, kind in pairs { socks5h = "name api%.localhost", socks5 = "ipv[46] [%x.]+" } do
    for _, variable in ipairs { "https_proxy", "all_proxy" } do
      it(("lets everything through: %s:// in %s"):format(scheme, variable), function()
        local proxy <close> = proxies.socks({ "pass" }, scheme)
        proxies.through("", function()
          local named <close> = open { base_url = "https://api.localhost:" .. front.port }
          assert(named.account:get())
          local client <close> = open()
          assert(support.training(client))
          assert.is_string(support.generated_image(client):bytes())
        end, { [variable] = proxy.url })
        local first, rest = proxy:heads():match "^([^\n]+)\n(.+)$"
        assert.matches(("^%s %d$"):format(kind, front.port), first)
        assert.matches("ipv4 0%.0%.0%.0 " .. front.port, rest)
        assert.is_nil(proxy:heads():find(KEY, 1, true))
      end)
    end
  end

  it("takes user name and password", function()
    local proxy <close> = proxies.socks { "password" }
    local url = ("socks5h://%s:%s@%s"):format(proxies.USER, proxies.PASSWORD, proxy.address)
    proxies.through(url, function()
      local client <close> = open()
      assert(support.training(client))
    end)
    for _, wrong in ipairs { (url:gsub("s3cret", "wrong")), proxy.url } do
      local err = unpaid(proxy, wrong)
      assert.equal("network", err.kind)
      assert.equal("proxy_refused", err.code, tostring(err))
      assert.matches("user name and .*password: check those in https_proxy", tostring(err))
      assert.is_false(err.retryable)
      assert.equal(1, err.attempts)
    end
  end)

  it("that does not allow the connection is asked once", function()
    local proxy <close> = proxies.socks { "2" }
    local err = unpaid(proxy)
    assert.equal("proxy_refused", err.code)
    assert.matches("does not allow this connection", tostring(err))
    assert.equal(1, err.attempts)
  end)

  for code, text in pairs { ["1"] = "gave no connection", ["3"] = "the host's network",
    ["4"] = "does not reach the host", ["5"] = "refused by the host", ["6"] = "gave no connection",
    close = "proxy", garbage = "proxy" } do
    it("that cannot connect is asked again: " .. code, function()
      local proxy <close> = proxies.socks { code }
      local err = unpaid(proxy)
      assert.equal("network", err.kind)
      assert.equal("proxy", err.code, tostring(err))
      assert.matches(text, tostring(err), 1, true)
      assert.is_true(err.retryable)
      assert.equal(3, err.attempts)
    end)
  end

  it("that cuts the tunnel in the handshake is asked again", function()
    local proxy <close> = proxies.socks { "cut" }
    local err = unpaid(proxy)
    assert.equal("tls", err.kind, tostring(err))
    assert.equal(3, err.attempts)
  end)

  it("that never answers costs a timeout, and no money", function()
    local proxy <close> = proxies.socks { "silent" }
    local err = unpaid(proxy, nil, { connect_timeout = 0.3 })
    assert.equal("timeout", err.kind)
    assert.equal(3, err.attempts)
  end)

  it("that does not run is named", function()
    local err = unpaid({ port = 9 }, "socks5h://127.0.0.1:9")
    assert.equal("refused", err.code)
    assert.matches(": the proxy 127.0.0.1:9: no connection", tostring(err), 1, true)
    assert.matches("127%.0%.0%.1:1080", tostring(unpaid(nil, "socks5://127.0.0.1")))
  end)

  it("that recovers costs no second payment", function()
    local proxy <close> = proxies.socks { "4", "close", "cut", "pass" }
    local before = #service:ledger().tasks
    proxies.through(proxy.url, function()
      local client <close> = open { retry = { attempts = 5 } }
      assert(client.account:get()) -- it uses up the faults
      assert(support.training(client))
    end)
    assert.equal(before + 1, #service:ledger().tasks)
  end)

  local nowhere = ("%064d.invalid"):format(0) -- too long a name: refused without a name server

  it("gets a name that this machine cannot resolve, with socks5h://", function()
    local proxy <close> = proxies.socks { "4" }
    proxies.through(proxy.url, function()
      local client <close> = open { base_url = "https://" .. nowhere }
      local _, err = client.account:get()
      assert.matches("does not reach the host", tostring(err))
    end)
    assert.matches("name " .. nowhere .. " 443", proxy:heads(), 1, true)
  end)

  it("gets no such name with socks5://, and the error says how", function()
    local proxy <close> = proxies.socks({ "pass" }, "socks5")
    proxies.through(proxy.url, function()
      local client <close> = open { base_url = "https://" .. nowhere }
      local _, err = client.account:get()
      assert.equal("resolve", err.code)
      assert.matches("socks5h", tostring(err))
    end)
    assert.equal("", proxy:heads())
  end)

  it("gets no link to a private address, and nothing for this machine", function()
    local proxy <close> = proxies.socks { "pass" }
    proxies.through(proxy.url, function()
      local client <close> = open { base_url = "https://api.invalid" }
      for _, host in ipairs { "10.0.0.1", "[fd00::1]", "[::1]", "[::ffff:10.0.0.1]" } do
        local image = GeneratedImage.new(client, { image_url = "https://" .. host .. "/x" })
        local _, err = image:bytes()
        assert.equal("private_address", err.code)
      end
      local direct <close> = support.client(service)
      assert(direct.account:get())
    end)
    assert.equal("", proxy:heads())
  end)
end)
