--- Certificates are verified, old protocols are rejected, and plain http stays on this machine.

local core = require "novita.core"
local novita = require "novita"
local tls = require "support.tls"

local TARGET = "/v3/training/subject?task_id=a"
local KEY = "sk_of_the_tls_spec"

describe("TLS", function()
  local authority

  setup(function()
    authority = tls.authority()
    authority:respond(TARGET, '{"task_id":"a","task_status":"QUEUING","models":[]}')
  end)

  teardown(function()
    authority:close()
  end)

  local function get(url, ca_file)
    local client <close> = novita.client { api_key = KEY, base_url = url, ca_file = ca_file,
      retry = { attempts = 3, min = 0.01 }, connect_timeout = 2 }
    local began = core.now()
    local value, err = client.trainings:get("a", "subject")
    return value, err, core.now() - began
  end

  local function refused(options, code, ca_file)
    local server <close> = authority:serve(options)
    local value, err, took = get(server.url, ca_file or authority.ca_file)
    assert.is_nil(value)
    assert.equal("tls", err.kind)
    assert.equal(code, err.code)
    assert.is_nil(tostring(err):find "\n")
    assert.matches("127.0.0.1:" .. server.port, tostring(err), 1, true)
    assert.is_true(took < 2)
    return err
  end

  it("connects to a server that the ca_file verifies", function()
    local server <close> = authority:serve {}
    local value, err = get(server.url, authority.ca_file)
    assert.equal("QUEUING", (value or {}).task_status, tostring(err))
  end)

  it("prefers the cheapest cipher suite, and accepts any", function()
    for _, suite in ipairs { "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256" } do
      local server <close> = authority:serve { suite = suite }
      local value, err = get(server.url, authority.ca_file)
      assert.equal("QUEUING", (value or {}).task_status, tostring(err))
      assert.same({ "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256" }, server:offered())
    end
  end)

  it("rejects an unknown authority, without a retry", function()
    local err = refused({}, "certificate", "/etc/ssl/certs/ca-certificates.crt")
    assert.equal(1, err.attempts)
    assert.is_false(err.retryable)
    assert.matches("ca_file", tostring(err))
  end)

  for certificate, text in pairs {
    expired = "has expired, or this machine's clock is fast",
    not_yet_valid = "is not valid yet: this machine's clock may be slow",
    wrong_host = "wrong host",
    self_signed = "unknown authority",
  } do
    it("is refused with a certificate that is " .. certificate .. ", once", function()
      local err = refused({ certificate = certificate }, "certificate")
      assert.equal(1, err.attempts)
      assert.matches(text, tostring(err), 1, true)
    end)
  end

  it("rejects versions below 1.2, after a bounded number of attempts", function()
    local err = refused({ old = true }, "handshake")
    assert.equal(3, err.attempts)
    assert.matches("TLS 1.2", tostring(err))
  end)

  it("names a CA file that cannot be read", function()
    refused({}, "ca_file", "/nowhere/ca.pem")
  end)

  it("fails with a server that responds in plain text", function()
    local service <close> = require("support.client").service()
    local value, err = get((service.base_url:gsub("^http:", "https:")), authority.ca_file)
    assert.is_nil(value)
    assert.equal("tls", err.kind)
    assert.equal(0, #service:requests())
  end)

  it("sends no paid request if the certificate is bad, and is not ambiguous", function()
    local server <close> = authority:serve { certificate = "expired" }
    local client <close> = novita.client { api_key = KEY, base_url = server.url,
      ca_file = authority.ca_file }
    local id, err = client.trainings:create("subject", { name = "a" })
    assert.is_nil(id)
    assert.equal("tls", err.kind)
    assert.is_nil(err.ambiguous)
  end)
end)

describe("plain http", function()
  for _, url in ipairs { "http://api.novita.ai", "http://192.0.2.1:8080",
    "http://127.0.0.1.example", "http://[2001:db8::1]", "http://localhost.example" } do
    it("is refused to " .. url, function()
      local ok, message = pcall(novita.client, { api_key = KEY, base_url = url })
      assert.is_false(ok)
      assert.matches("refusing plain http", message)
      assert.is_nil(message:find(KEY, 1, true))
    end)
  end

  for _, url in ipairs { "ftp://127.0.0.1", "127.0.0.1:80", "http://u:p@127.0.0.1", "https://",
    "https://a b", "https://a\r\nb" } do
    it(("is not what %q says"):format(url), function()
      local ok, message = pcall(novita.client, { api_key = KEY, base_url = url })
      assert.is_false(ok)
      assert.matches("base_url", message)
    end)
  end

  it("is allowed on this machine", function()
    for _, url in ipairs { "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1",
      "http://127.1.2.3" } do
      local client <close> = novita.client { api_key = KEY, base_url = url }
      assert.is_truthy(client)
    end
  end)
end)
