--- Compressed responses are understood, asked for or not, within the limits of what comes out.

local core = require "novita.core"
local programs = require "support.programs"
local support = require "support.client"

-- {====== compressed texts ======

-- With a filter of the shell. perl is on every Debian.
local function filtered(text, filter)
  local path = os.tmpname()
  local pipe = assert(io.popen(("unset LD_PRELOAD; %s >%s"):format(filter, path), "w"))
  pipe:write(text)
  assert(pipe:close())
  local file <close> = assert(io.open(path, "rb"))
  os.remove(path)
  return file:read "a"
end

-- A meta-block that is not compressed, and an empty last one (RFC 7932, section 9.2).
local function brotli(text)
  return ("<I3"):pack((#text - 1) << 4 | 1 << 20) .. text .. "\3"
end

local encodings = {
  gzip = function(text) return filtered(text, "gzip -c") end,
  deflate = function(text)
    return filtered(text, "perl -MCompress::Zlib -0777 -e 'print compress(<STDIN>)'")
  end,
  br = brotli,
}

-- }======

local function status_text(id)
  return ('{"task_id":"%s","task_status":"SUCCESS","model_type":"lora","models":'):format(id)
    .. '[{"model_name":"m.safetensors","model_status":"SERVING"}],"extra":{}}'
end

-- The encodings that this libcurl knows are those that it asks for.
local function knows(service, client, encoding)
  client.account:get()
  local asked = support.requests(service, "user")[1].headers["accept-encoding"]
  return asked:find(encoding, 1, true) ~= nil
end

describe("a compressed response", function()
  local service, client

  before_each(function()
    service = support.service()
    client = support.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  for encoding, compress in pairs(encodings) do
    it("is understood by a wait, which does not ask for it: " .. encoding, function()
      if not knows(service, client, encoding) then
        return pending("this libcurl does not know " .. encoding)
      end
      service:fault { kind = "status", status = 200, route = "status", forever = true,
        headers = { ["Content-Encoding"] = encoding }, body = compress(status_text "t1") }
      local model = assert(client:attach { task_id = "t1", task_type = "subject" }:wait(30))
      assert.equal("m.safetensors", model.model_name)
      assert.equal("identity", support.requests(service, "status")[1].headers["accept-encoding"])
    end)

    it("is understood by a paid request: " .. encoding, function()
      if not knows(service, client, encoding) then
        return pending("this libcurl does not know " .. encoding)
      end
      service:fault { kind = "status", status = 200, route = "create",
        headers = { ["Content-Encoding"] = encoding }, body = compress '{"task_id":"d9"}' }
      assert.equal("d9", (client.trainings:create("subject", support.body())))
    end)
  end

  it("that is broken does not end a wait", function()
    local id = support.training(client)
    service:fault { kind = "status", status = 200, route = "status", times = 3,
      headers = { ["Content-Encoding"] = "gzip" }, body = "not gzip" }
    assert(client:attach { task_id = id, task_type = "subject" }:wait(30))
  end)

  it("is read up to the limit, however much it would become", function()
    local id = support.training(client)
    local bomb = filtered("", "head -c 200000000 /dev/zero | gzip -1c")
    service:fault { kind = "status", status = 200, route = "status", times = 3,
      headers = { ["Content-Encoding"] = "gzip" }, body = bomb }
    assert(client:attach { task_id = id, task_type = "subject" }:wait(60))
    service:fault { kind = "status", status = 200, route = "status",
      headers = { ["Content-Encoding"] = "gzip" }, body = bomb }
    local _, err = client.trainings:get(id, "subject")
    assert.equal("compressed", err.code)
  end)
end)

-- {====== files ======

-- `growth`: about how many bytes gzip makes one byte of.
local function compressible(bytes, growth)
  local piece = {}
  for i = 1, bytes // 16384 do
    local random = {}
    for j = 1, 16384 // growth do random[j] = string.char(math.random(65, 255)) end
    piece[i] = table.concat(random) .. ("z"):rep(16384 - #random)
  end
  return table.concat(piece)
end

local function model_to(client, path)
  local id = support.training(client)
  local model = assert(client:attach { task_id = id, task_type = "subject" }:wait())
  return model:save(path)
end

describe("a compressed file", function()
  local folder, service, client

  before_each(function()
    folder = support.folder()
    service = support.service()
    client = support.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
    getmetatable(folder).__close()
  end)

  -- Files: images unless `route` is that of models.
  local function file_is(body, route)
    service:fault { kind = "status", status = 200, route = route or "download", forever = true,
      headers = { ["Content-Encoding"] = "gzip" }, body = filtered(body, "gzip -c") }
  end

  it("is not asked for, and understood", function()
    local image, bytes = support.generated_image(client), compressible(3 << 20, 16)
    file_is(bytes)
    assert.equal(bytes, image:bytes())
    assert(image:save(folder.path .. "/a.png"))
    assert.equal(bytes, support.read(folder.path .. "/a.png"))
    assert.equal("identity", support.requests(service, "download")[1].headers["accept-encoding"])
  end)

  it("may be of one colour, if it is small", function()
    local image, bytes = support.generated_image(client), ("z"):rep(1 << 20)
    file_is(bytes)
    assert.equal(bytes, image:bytes())
  end)

  it("is refused soon if it grows more than any image or model", function()
    local image = support.generated_image(client)
    local bomb = ("z"):rep(16 << 20)
    for what, call in pairs {
      file = function() return image:save(folder.path .. "/a.png") end,
      memory = function() return image:bytes() end,
      model = function() return model_to(client, folder.path .. "/a.model") end,
    } do
      local route = what == "model" and "model-file" or "download"
      local before = #support.requests(service, route)
      service:clear_faults()
      file_is(bomb, route)
      local value, err = call()
      assert.is_nil(value, what)
      assert.equal("compressed", err.code, what)
      assert.matches("more than 32%-fold", tostring(err))
      assert.equal(before + 1, #support.requests(service, route), what)
    end
    assert.same({}, folder.list())
  end)
end)

-- }======

-- {====== nginx ======

-- The inner server compresses for the outer one, which passes it on to every client.
local CONFIG <const> = [[
daemon off;
master_process off;
pid FOLDER/nginx.pid;
error_log stderr emerg;
events {}
http {
  access_log off;
  client_body_temp_path FOLDER/body;
  proxy_temp_path FOLDER/proxy;
  fastcgi_temp_path FOLDER/fastcgi;
  uwsgi_temp_path FOLDER/uwsgi;
  scgi_temp_path FOLDER/scgi;
  gzip_proxied any;
  gzip_types *;
  gzip_min_length 1;
  server {
    listen 127.0.0.1:PORT;
    location / {
      proxy_set_header Accept-Encoding gzip;
      proxy_set_header Host $http_host;
      proxy_http_version 1.1;
      proxy_pass http://unix:FOLDER/inner;
    }
  }
  server {
    listen unix:FOLDER/inner;
    gzip on;
    location / {
      proxy_set_header Host $http_host;
      proxy_http_version 1.1;
      proxy_pass SERVICE;
    }
  }
}
]]

local function free_port()
  local service <close> = support.service()
  return service.base_url:match ":(%d+)$"
end

local function start(folder, service)
  local port = free_port()
  local text = CONFIG:gsub("%u+", { FOLDER = folder, PORT = port, SERVICE = service.base_url })
  local file = assert(io.open(folder .. "/nginx.conf", "w"))
  file:write(text)
  file:close()
  local pipe = assert(io.popen(("echo $$; exec timeout 120 nginx -p '%s' -c '%s/nginx.conf' 2>&1")
    :format(folder, folder)))
  return setmetatable({ pid = pipe:read "l", url = "http://127.0.0.1:" .. port },
    { __close = function(self)
      os.execute("kill " .. self.pid .. " 2>/dev/null")
      pipe:close()
    end })
end

local function wait_until_it_listens(client)
  local deadline = core.now() + 30
  repeat local account = client.account:get() until account or core.now() > deadline
end

describe("an nginx that compresses everything", function()
  it("does not keep a training from its end", function()
    if not programs.has "nginx" then
      return pending "nginx is not installed"
    end
    local folder <close> = support.folder()
    local service <close> = support.service()
    local nginx <close> = start(folder.path, service)
    local client <close> = support.client(service, { base_url = nginx.url })
    wait_until_it_listens(client)
    local out = programs.run(("curl -s -o %s/x -D - -H 'Authorization: Bearer %s' %s/v3/user")
      :format(folder.path, service.api_key, nginx.url))
    assert.matches("Content%-Encoding: gzip", out)
    local id = support.training(client)
    local model = assert(client:attach { task_id = id, task_type = "subject" }:wait(60))
    assert.is_string(model.model_name)
    assert.equal(1, #assert(client.trainings:list():all()))
  end)
end)

-- }======
