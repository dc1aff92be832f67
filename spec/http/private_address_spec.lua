--- Links in responses may lead to the public internet or to the API's host, and from public names
--- with a valid certificate into private networks; never to this machine, unless the API itself is
--- on it.

local co = require "support.coroutines"
local network = require "support.network"
local novita = require "novita"
local GeneratedImage = require "novita.client.generated_image"
local support = require "support.client"
local tls = require "support.tls"

local network_it = network.choose(it, pending)

local KEY <const> = "sk_of_private_addresses"

-- nginx on https://api.localhost (libcurl itself resolves *.localhost to this machine): novita does
-- not take this name for loopback, so the rules of the live service apply.
local CONFIG <const> = [[
daemon off;
master_process off;
pid %s/nginx.pid;
error_log stderr emerg;
events {}
http {
  access_log off;
  client_body_temp_path %s/body;
  proxy_temp_path %s/proxy;
  fastcgi_temp_path %s/fastcgi;
  uwsgi_temp_path %s/uwsgi;
  scgi_temp_path %s/scgi;
  default_type application/json;
  server {
    listen 127.0.0.1:%d ssl;
    ssl_certificate %s/valid.pem;
    ssl_certificate_key %s/valid.key;
    location = /v3/assets/training_dataset {
      return 200 '{"assets_id":"1","upload_url":"%s"}';
    }
    location = /image { return 200 'an image'; }
    location = /elsewhere { return 302 '%s'; }
  }
}
]]

local function free_port()
  local service <close> = support.service()
  return math.tointeger(tonumber(service.base_url:match ":(%d+)$"))
end

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

local function start(folder, port, link)
  write(folder .. "/nginx.conf", CONFIG:format(folder, folder, folder, folder, folder, folder, port,
    folder, folder, link, link))
  local pipe = assert(io.popen(("echo $$; exec timeout 60 nginx -p '%s' -c '%s/nginx.conf' 2>&1")
    :format(folder, folder)))
  return setmetatable({ pid = pipe:read "l" }, { __close = function(self)
    os.execute("kill " .. self.pid .. " 2>/dev/null")
    pipe:close()
  end })
end

local hosts = {
  "127.0.0.1", "127.8.8.8", "localhost", "storage.localhost", "10.1.2.3", "172.16.0.1",
  "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
  "255.255.255.255", "198.18.0.1", "2130706433", "0177.0.0.1", "0x7f.1", "0xa9fea9fe", "127.1",
  "0", "[::1]", "[::]", "[::ffff:10.0.0.1]", "[::ffff:7f00:1]", "[fe80::1]", "[fd00::1]",
  "[fec0::1]", "[ff02::1]", "[64:ff9b::10.0.0.1]", "[2002:a00:1::]", "[2001::1]", "[2001:db8::1]",
  "[fdff::1]", "[fc00::1]", "[fd00:ec2::254]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]",
  "[0:0:0:0:0:0:0:1]", "[0::1]", "[::127.0.0.1]", "[::10.0.0.1]", "[fe80::1%25lo]", "[::1%25lo]",
}

describe("a link to a private address", function()
  local authority, port, warnings

  setup(function()
    authority = tls.authority()
    authority:serve({}):close() -- makes its certificate
    port = free_port()
  end)

  teardown(function() authority:close() end)

  before_each(function() warnings = {} end)

  local function client(base_url)
    return novita.client { api_key = KEY, base_url = base_url or "https://api.invalid",
      ca_file = authority.ca_file, connect_timeout = 5, retry = { attempts = 3, min = 0.01 },
      log = function(_, text) warnings[#warnings + 1] = text end }
  end

  local function assert_refused(value, err)
    assert.is_nil(value)
    assert.equal("private_address", err.code, tostring(err))
    assert.equal("protocol", err.kind)
    assert.is_nil(tostring(err):find "%c")
  end

  for _, host in ipairs(hosts) do
    it("is not followed: " .. host, function()
      local open <close> = client()
      local generated = GeneratedImage.new(open,
        { image_url = ("https://%s:9/x?X-Amz-Signature=s"):format(host) })
      local bytes, err = generated:bytes(10)
      assert_refused(bytes, err)
      assert.is_nil(tostring(err):find("Amz", 1, true))
      assert.is_true((err.attempts or 1) <= 1)
    end)
  end

  it("gets no file", function()
    local folder <close> = support.folder()
    local open <close> = client()
    local generated = GeneratedImage.new(open, { image_url = "https://storage.localhost:9/x" })
    assert_refused(generated:save(folder.path .. "/a.png"))
    assert.same({}, folder.list())
  end)

  it("gets no upload, no redirected fetch, and nothing is connected to", function()
    local service <close> = support.service() -- stands for something in the user's network
    -- The kernel may give it a port from which an ended connection of another program left.
    local before = support.connections(service)
    local link = service.base_url:gsub("http://127.0.0.1", "https://storage.localhost") .. "/secret"
    local server <close> = start(authority.folder, port, link)
    local own = "https://api.localhost:" .. port
    local open <close> = client(own)
    local image
    local tries = 0
    repeat -- until nginx listens; and the API's own host may have a private address
      image = GeneratedImage.new(open, { image_url = own .. "/image" }):bytes(10)
      tries = tries + 1
    until image or tries == 50 or co.sleep(0.1)
    assert.equal("an image", image)
    assert_refused(open.assets:upload { bytes = support.photo(1) })
    assert_refused(GeneratedImage.new(open, { image_url = own .. "/elsewhere" }):bytes(10))
    assert.equal(before, support.connections(service))
    assert.is_truthy(server)
  end)

  it("is followed if the API is on this machine, like the emulator", function()
    local service <close> = support.service { speed = 200 }
    local open <close> = support.client(service)
    assert.is_string(support.generated_image(open):bytes())
  end)

  -- {====== public names ======

  -- Prints what a download from each host gives: "good", or code and message of its error.
  local NAMES <const> = [[
    local novita = require "novita"
    local GeneratedImage = require "novita.client.generated_image"
    local tls = require "support.tls"
    local authority <close> = tls.authority()
    authority:respond("/x?X-Amz-Signature=s", "an image")
    local server <close> = authority:serve { certificate = "example", address = "%s" }
    local client <close> = novita.client { api_key = "sk_123456789", connect_timeout = 5,
      base_url = "https://api.invalid", ca_file = authority.ca_file, retry = { attempts = 1 },
      allow_private = %s }
    for _, host in ipairs { %s } do
      local bytes, err = GeneratedImage.new(client,
        { image_url = ("https://%%s:%%d/x?X-Amz-Signature=s"):format(host, server.port) }):bytes(10)
      local why = (err and err.code or "odd") .. " " .. tostring(err or bytes)
      print(bytes == "an image" and "good" or why)
    end
  ]]

  local ADDRESSES <const> = { a = "10.1.2.3", b = "172.20.1.1", c = "192.168.7.7",
    d = "100.64.3.2", e = "198.18.0.9" }

  -- Each address is that of a host like a.example.com; `more` are further names. Its `ipv6` are
  -- further addresses.
  local function downloads(found, allowed, more)
    local names, addresses = {}, {}
    for name, address in pairs(ADDRESSES) do
      names[name .. ".example.com"], addresses[#addresses + 1] = address, address
    end
    for name, address in pairs(more or {}) do
      if name ~= "ipv6" then names[name] = address end
    end
    for _, address in ipairs(more and more.ipv6 or {}) do addresses[#addresses + 1] = address end
    local words = {}
    for i, host in ipairs(found) do words[i] = ("%q"):format(host) end
    local lines = {}
    local listens = more and more.ipv6 and "[::]" or "0.0.0.0"
    local output = network.run(NAMES:format(listens, allowed, table.concat(words, ", ")),
      { names = names, addresses = addresses })
    for line in output:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.equal(#found, #lines, output)
    return lines
  end

  local hosts_of_a_network = {}
  for name in pairs(ADDRESSES) do
    hosts_of_a_network[#hosts_of_a_network + 1] = name .. ".example.com"
  end

  network_it("is followed from a public name with a valid certificate", function()
    for i, line in ipairs(downloads(hosts_of_a_network, true)) do
      assert.equal("good", line, hosts_of_a_network[i])
    end
  end)

  network_it("is not followed with allow_private = false, and the address is named", function()
    for i, line in ipairs(downloads(hosts_of_a_network, false)) do
      assert.matches("^private_address ", line)
      local address = ADDRESSES[hosts_of_a_network[i]:sub(1, 1)]
      assert.is_truthy(line:find(address, 1, true), line)
      assert.matches("allow_private", line)
      assert.is_nil(line:find("Amz", 1, true))
      assert.is_nil(line:find("/x", 1, true))
    end
  end)

  network_it("is not followed from another name, or without its certificate", function()
    local lines = downloads({ "a.elsewhere.org", "storage", "nas.local", "nas.internal",
      "own.example.com", "metadata.example.com", "zero.example.com" }, true,
      { ["a.elsewhere.org"] = "10.1.2.3", storage = "10.1.2.3", ["nas.local"] = "10.1.2.3",
        ["nas.internal"] = "10.1.2.3", ["own.example.com"] = "127.0.0.1",
        ["metadata.example.com"] = "169.254.169.254", ["zero.example.com"] = "0.0.0.0" })
    assert.matches("^certificate ", lines[1])
    for i = 2, #lines do assert.matches("^private_address .*leads to %d+%.", lines[i]) end
  end)

  local file = io.open "/proc/net/if_inet6"
  if file then file:close() end
  local ipv6_it = file and network_it or function(title)
    pending(title .. " (this machine has no IPv6)")
  end

  local IPV6 <const> = { ipv6 = { "fd00::5", "fdff:1:2:3::5" }, ["ula.example.com"] = "fd00::5",
    ["other.example.com"] = "fdff:1:2:3::5", ["mapped.example.com"] = "::ffff:10.1.2.3",
    ["own6.example.com"] = "::1", ["own.example.com"] = "::ffff:127.0.0.1",
    ["any.example.com"] = "::", ["metadata.example.com"] = "fd00:ec2::254",
    ["metadata4.example.com"] = "::ffff:169.254.169.254", ["link.example.com"] = "fe80::1",
    ["nat.example.com"] = "64:ff9b::a01:203", ["site.example.com"] = "fec0::1" }

  ipv6_it("is followed to a unique local address, as to a private one of IPv4", function()
    local hosts_of_ipv6 = { "ula.example.com", "other.example.com" }
    for i, line in ipairs(downloads(hosts_of_ipv6, true, IPV6)) do
      assert.equal("good", line, hosts_of_ipv6[i])
    end
    local mapped = "mapped.example.com" -- a connection to it goes to the IPv4 address
    assert.same({ "good" }, downloads({ mapped }, true, { [mapped] = IPV6[mapped] }))
    hosts_of_ipv6[3] = mapped
    for i, line in ipairs(downloads(hosts_of_ipv6, false, IPV6)) do
      assert.matches("^private_address ", line)
      assert.is_truthy(line:find(IPV6[hosts_of_ipv6[i]], 1, true), line)
      assert.matches("allow_private", line)
    end
  end)

  ipv6_it("is not followed to this machine, its link, or a cloud's metadata with IPv6", function()
    local refused = {}
    for name in pairs(IPV6) do
      if not name:find "^ula" and not name:find "^other" and not name:find "^mapped"
        and name ~= "ipv6"
      then
        refused[#refused + 1] = name
      end
    end
    assert.equal(8, #refused)
    for i, line in ipairs(downloads(refused, true, IPV6)) do
      assert.matches("^private_address .*leads to ", line)
      assert.is_truthy(line:find(IPV6[refused[i]], 1, true), line)
    end
  end)

  -- }======

  it("may lead to a proxy from the environment", function()
    local fixtures = require "support.fixtures"
    local output = fixtures.program([[
      local novita, GeneratedImage = require "novita", require "novita.client.generated_image"
      local client <close> = novita.client { api_key = "sk_123456789",
        base_url = "https://api.invalid", retry = { attempts = 1 } }
      local _, err = GeneratedImage.new(client,
        { image_url = "https://storage.example:9/x" }):bytes(10)
      print(err.code)
      _, err = GeneratedImage.new(client, { image_url = "https://10.0.0.1/x" }):bytes(10)
      print(err.code)
    ]], "env https_proxy=http://127.0.0.1:9")
    assert.equal("refused\nprivate_address\n", output)
  end)
end)
