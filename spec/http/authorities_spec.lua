--- The certificate authorities: an option, an option of the command line, or the variables that
--- curl and OpenSSL know.

local cli = require "support.cli"
local luv = require "luv"
local novita = require "novita"
local nginx = require "support.nginx"
local support = require "support.client"
local tls = require "support.tls"

local TARGET <const> = "/v3/training/subject?task_id=a"
local SYSTEM <const> = "/etc/ssl/certs/ca-certificates.crt"
local variables = { "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR" }

describe("the certificate authorities", function()
  local authority, server, folder

  setup(function()
    authority = tls.authority()
    authority:respond(TARGET, '{"task_id":"a","task_status":"QUEUING","models":[]}')
    server = authority:serve {}
    folder = authority.folder .. "/authorities"
    assert(os.execute(("mkdir %s && cp %s %s && openssl rehash %s"):format(folder,
      authority.ca_file, folder, folder)))
  end)

  teardown(function()
    server:close()
    authority:close()
  end)

  before_each(function()
    for _, name in ipairs(variables) do luv.os_unsetenv(name) end
  end)

  after_each(function()
    for _, name in ipairs(variables) do luv.os_unsetenv(name) end
  end)

  local function get(ca_file)
    local client <close> = novita.client { api_key = "sk_123456789", base_url = server.url,
      ca_file = ca_file, retry = { attempts = 1 } }
    local value, err = client.trainings:get("a", "subject")
    return value and value.task_status or err.code
  end

  local cases = {
    { trusted = false },
    { CURL_CA_BUNDLE = "ours", trusted = true },
    { SSL_CERT_FILE = "ours", trusted = true },
    { SSL_CERT_DIR = "folder", trusted = true },
    { CURL_CA_BUNDLE = "", SSL_CERT_FILE = "ours", trusted = true },
    { CURL_CA_BUNDLE = SYSTEM, SSL_CERT_FILE = "ours", trusted = false },
    { SSL_CERT_FILE = SYSTEM, SSL_CERT_DIR = "folder", trusted = true },
    { SSL_CERT_FILE = SYSTEM, option = "ours", trusted = true },
    { SSL_CERT_FILE = "ours", option = SYSTEM, trusted = false },
  }

  local function path_of(word)
    return word == "ours" and authority.ca_file or word == "folder" and folder or word
  end

  for i, case in ipairs(cases) do
    it(("come from option and variables, case %d"):format(i), function()
      for _, name in ipairs(variables) do
        if case[name] then luv.os_setenv(name, path_of(case[name])) end
      end
      assert.equal(case.trusted and "QUEUING" or "certificate", get(path_of(case.option)))
    end)
  end

  it("that cannot be read are an error", function()
    luv.os_setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    assert.equal("ca_file", get())
  end)

  local function doctor(front, words, env)
    env.NOVITA_API_KEY, env.NOVITA_BASE_URL = "sk_123456789", front.base_url
    return cli.run({ "doctor", table.unpack(words) }, env)
  end

  it("are an option of the command line, and doctor shows them", function()
    local service <close> = support.service { api_key = "sk_123456789" }
    local front <close> = nginx.front(authority, service)
    local without = doctor(front, {}, {})
    assert.equal(1, without.status)
    assert.matches("its certificate is not trusted", without.out)
    assert.matches("authorities: the system's", without.out)
    assert.matches("%-%-ca%-file", without.out)
    local with = doctor(front, { "--ca-file", authority.ca_file }, {})
    assert.matches("responds", with.out)
    assert.is_truthy(with.out:find("authorities: " .. authority.ca_file, 1, true))
    local named = doctor(front, {}, { SSL_CERT_FILE = authority.ca_file })
    assert.matches("responds", named.out)
    assert.is_truthy(named.out:find(authority.ca_file .. " (SSL_CERT_FILE)", 1, true))
  end)
end)
