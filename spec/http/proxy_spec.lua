--- With a proxy from the environment: what it refuses has never reached the API, so nothing was
--- paid, and the error names the proxy.

local fixtures = require "support.fixtures"
local nginx = require "support.nginx"
local novita = require "novita"
local programs = require "support.programs"
local proxies = require "support.proxies"
local support = require "support.client"
local tls = require "support.tls"

local KEY <const> = "sk_of_the_proxy_spec"

describe("a proxy", function()
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

  local function pay(client)
    return client.trainings:create("subject", support.body())
  end

  -- The error of a paid request; nothing may have reached the API.
  local function unpaid(proxy, url, more)
    local before = #service:requests()
    local id, err
    proxies.through(url or proxy.url, function()
      local client <close> = open(more)
      id, err = pay(client)
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

  for _, status in ipairs { "407", "403", "404", "501" } do
    it("that answers " .. status .. " is asked once", function()
      local proxy <close> = proxies.scripted { status }
      local err = unpaid(proxy)
      assert.matches("answered " .. status, tostring(err))
      assert.equal("network", err.kind)
      assert.equal("proxy_refused", err.code)
      assert.is_false(err.retryable)
      assert.equal(1, err.attempts)
      assert.equal(1, proxy:tunnels())
    end)
  end

  it("that wants a password says where to put it", function()
    local proxy <close> = proxies.scripted { "407" }
    assert.matches("password in https_proxy", tostring(unpaid(proxy)))
  end)

  for _, status in ipairs { "408", "429", "500", "502", "503", "504" } do
    it("that answers " .. status .. " is asked again", function()
      local proxy <close> = proxies.scripted { status }
      local err = unpaid(proxy)
      assert.matches("answered " .. status, tostring(err))
      assert.equal("proxy", err.code)
      assert.is_true(err.retryable)
      assert.equal(3, err.attempts)
      assert.equal(3, proxy:tunnels())
    end)
  end

  for behaviour, kind in pairs { cut = "tls", garbage = "tls", close = "network" } do
    it("that has this fault is asked again: " .. behaviour, function()
      local proxy <close> = proxies.scripted { behaviour }
      local err = unpaid(proxy)
      assert.equal(kind, err.kind, tostring(err))
      assert.is_true(err.retryable)
      assert.equal(3, err.attempts)
    end)
  end

  it("that never answers costs a timeout, and no money", function()
    local proxy <close> = proxies.scripted { "silent" }
    local err = unpaid(proxy, nil, { connect_timeout = 0.3 })
    assert.equal("timeout", err.kind)
    assert.equal(3, err.attempts)
  end)

  it("that does not run, or has no address, is named", function()
    assert.equal("refused", unpaid({ port = 9 }, "http://127.0.0.1:9").code)
    local err
    local nowhere = ("%064d.invalid"):format(0) -- too long a name: refused without a name server
    proxies.through("http://" .. nowhere .. ":3128", function()
      local client <close> = open()
      local _
      _, err = pay(client)
    end)
    assert.equal("resolve", err.code)
    assert.matches("the proxy " .. nowhere .. ":3128", tostring(err), 1, true)
    assert.is_nil(err.ambiguous)
  end)

  it("that recovers costs no second payment", function()
    local proxy <close> = proxies.scripted { "502", "cut", "pass" }
    local before = #service:ledger().tasks
    proxies.through(proxy.url, function()
      local client <close> = open()
      assert(client.assets:upload { bytes = support.photo(1) })
      assert(support.training(client))
    end)
    assert.equal(before + 1, #service:ledger().tasks)
  end)

  it("receives neither the key nor a path", function()
    local proxy <close> = proxies.scripted { "pass" }
    proxies.through(proxy.url, function()
      local client <close> = open()
      assert(support.training(client))
    end)
    assert.is_true(proxy:tunnels() > 0)
    assert.is_nil(proxy:heads():find(KEY, 1, true))
    assert.is_nil(proxy:heads():find("/v3/", 1, true))
  end)

  it("has a clock that is of no interest", function()
    local proxy <close> = proxies.scripted { "503", "pass" } -- its date is 20 years old
    proxies.through(proxy.url, function()
      local client <close> = open()
      assert(client.account:balance())
      assert.is_true(math.abs(client.clock_offset) < 3600)
    end)
  end)

  -- {====== which requests go through it ======

  local function tunnels_with(more, url)
    local proxy <close> = proxies.scripted { "pass" }
    proxies.through(url or proxy.url, function()
      local client <close> = open()
      assert(client.account:balance())
    end, more)
    return proxy:tunnels()
  end

  for list, excluded in pairs { ["0.0.0.0"] = true, ["*"] = true, ["a.example, 0.0.0.0"] = true,
    ["a.example 0.0.0.0"] = true, ["0.0.0.0/8"] = true, ["0.0.0.0/33"] = false,
    ["10.0.0.0/8,::/0"] = false, ["0"] = true, ["10.0.0.0"] = false, ["example.com"] = false } do
    it(("is%s used with no_proxy=%q"):format(excluded and " not" or "", list), function()
      assert.equal(excluded and 0 or 1, tunnels_with { no_proxy = list })
    end)
  end

  it("may have any of its variables, the first one that is set", function()
    local proxy <close> = proxies.scripted { "pass" }
    for _, name in ipairs { "HTTPS_PROXY", "all_proxy", "ALL_PROXY" } do
      proxies.through("", function()
        local client <close> = open()
        assert(client.account:balance())
      end, { [name] = proxy.url, [name:upper()] = proxy.url })
    end
    assert.equal(3, proxy:tunnels())
  end)

  it("has the port 1080 if it names none", function()
    assert.matches("127%.0%.0%.1:1080", tostring(unpaid(nil, "http://127.0.0.1")))
  end)

  it("has the port 443 if it names none and has TLS", function()
    assert.matches("127%.0%.0%.1:443", tostring(unpaid(nil, "https://127.0.0.1")))
  end)

  it("is not asked for this machine, which the emulator is on", function()
    local proxy <close> = proxies.scripted { "407" }
    proxies.through(proxy.url, function()
      local client <close> = support.client(service)
      assert(client.account:balance())
    end)
    assert.equal(0, proxy:tunnels())
  end)

  -- }======

  -- {====== a batch and the command line ======

  -- Each with its own name: a job of another batch is paid for only once.
  local function batch_of(folder, client, name)
    fixtures.write(folder .. "/anna.jpg", fixtures.photo())
    return assert(novita.batch { journal = folder .. "/run.db", client = client,
      jobs = { { name = name, images = { folder .. "/anna.jpg" } } },
      defaults = { task_type = "subject", base_model = "v1-5-pruned-emaonly", size = 64,
        instance_prompt = "a photo of {name}", class_prompt = "person", max_train_steps = 100 } })
  end

  it("that fails during a payment delays a batch by no grace", function()
    local folder <close> = support.folder()
    local proxy <close> = proxies.scripted { "pass", "502", "502", "cut", "pass" }
    local before = #service:ledger().tasks
    proxies.through(proxy.url, function()
      local client <close> = open { connections = 1, retry = { attempts = 1 } }
      local batch <close> = batch_of(folder.path, client, "anna")
      local summary = assert(batch:run({ list_delay = 3600 }):wait()) -- a grace would take an hour
      assert.equal(1, summary.counts.serving)
    end)
    assert.equal(before + 1, #service:ledger().tasks)
  end)

  it("that refuses a payment stops a batch, which can be resumed", function()
    local folder <close> = support.folder()
    local proxy <close> = proxies.scripted { "pass", "407", "pass" }
    local before = #service:ledger().tasks
    proxies.through(proxy.url, function()
      local client <close> = open { connections = 1 }
      local batch <close> = batch_of(folder.path, client, "berta")
      local _, err = batch:run({ list_delay = 3600 }):wait()
      assert.equal("proxy_refused", err.code)
      assert.equal(before, #service:ledger().tasks)
      assert.equal(1, assert(batch:run({ list_delay = 3600 }):wait()).counts.serving)
    end)
    assert.equal(before + 1, #service:ledger().tasks)
  end)

  -- }======

  -- {====== real ones ======

  for _, name in ipairs { "squid", "tinyproxy" } do
    local describe_it = programs.has(name) and it or function(title)
      pending(title .. ": " .. name .. " is not installed")
    end

    describe_it(name .. " lets everything through", function()
      local proxy <close> = proxies[name]()
      proxies.through(proxy.url, function()
        local client <close> = open()
        assert(support.training(client))
        assert.is_string(support.generated_image(client):bytes())
      end)
    end)

    describe_it(name .. " wants a password", function()
      local proxy <close> = proxies[name](true)
      for _, url in ipairs { proxy.open_url, (proxy.url:gsub("s3cret", "wrong")) } do
        local err = unpaid(proxy, url)
        assert.equal("proxy_refused", err.code, tostring(err))
        assert.matches("40[137]", tostring(err))
      end
      proxies.through(proxy.url, function()
        local client <close> = open()
        assert(support.training(client))
      end)
    end)

    describe_it(name .. " does not reach the API", function()
      local proxy <close> = proxies[name]()
      local dead = nginx.free_port()
      local id, err
      proxies.through(proxy.url, function()
        local client <close> = open { base_url = "https://0.0.0.0:" .. dead }
        id, err = pay(client)
      end)
      assert.is_nil(id)
      assert.is_nil(err.ambiguous)
      assert.equal("proxy", err.code)
      assert.equal(3, err.attempts)
      assert.matches("the proxy 127%.0%.0%.1:" .. proxy.port .. " answered 5", tostring(err))
    end)
  end

  local tls_it = programs.has "squid" and it or pending

  tls_it("with TLS is verified with the ca_file", function()
    local proxy <close> = proxies.squid(false, authority:certificate "valid")
    local url = proxy.url:gsub("^http:", "https:")
    proxies.through(url, function()
      local client <close> = open()
      assert(client.account:balance())
    end)
    local err = unpaid(proxy, url, { ca_file = "/etc/ssl/certs/ca-certificates.crt" })
    assert.equal("certificate", err.code, tostring(err))
    assert.equal(1, err.attempts)
  end)

  -- }======
end)
