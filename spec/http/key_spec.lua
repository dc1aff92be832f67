--- The key goes to the API and nowhere else: not to the storage, not into errors, not into
--- anything that can be printed. The same holds for presigned links.

local interpreter = require "support.interpreter"
local support = require "support.client"

-- Visits every string reachable from a value: fields, keys, metatables, tostring.
local function walk(value, visit, seen)
  seen = seen or {}
  if seen[value] then return end
  if type(value) == "string" then return visit(value) end
  if value ~= nil then visit(tostring(value)) end
  if type(value) ~= "table" and type(value) ~= "userdata" then return end
  seen[value] = true
  local meta = debug.getmetatable(value)
  walk(meta, visit, seen)
  if type(value) == "userdata" then
    for n = 1, 8 do walk((debug.getuservalue(value, n)), visit, seen) end
    return
  end
  for key, field in next, value do
    walk(key, visit, seen)
    walk(field, visit, seen)
  end
end

local function assert_clean(secrets, value, what)
  local strings = 0
  walk(value, function(text)
    strings = strings + 1
    for _, secret in ipairs(secrets) do
      assert.is_nil(text:find(secret, 1, true), (what or "value") .. " contains a secret: " .. text)
    end
  end)
  assert.is_true(strings > 0)
end

local SIGNATURE = "X-Amz-Signature="

local function train(client)
  return client:train {
    task_type = "subject", name = "ohwx", images = { { bytes = support.photo(1) } },
    base_model = "v1-5-pruned-emaonly", size = 512, max_train_steps = 10,
    instance_prompt = "a photo of ohwx", class_prompt = "person",
  }
end

-- Runs the whole job; returns its results and the emulator's requests.
local function whole_job(service, client)
  local made = {}
  made.task = assert(train(client))
  made.status = made.task:status()
  made.model = assert(made.task:wait())
  made.image_task = client:generate {
    model_name = "realisticVisionV51_v51VAE_94301.safetensors", prompt = "a bird", size = 128,
      image_num = 1,
    loras = { { model_name = made.model, strength = 0.7 } },
  }
  made.images = assert(made.image_task:wait())
  made.bytes = #assert(made.images[1]:bytes())
  local path = os.tmpname()
  assert(made.images[1]:save(path))
  os.remove(path)
  made.final = made.image_task:status()
  return made, service:requests()
end

describe("the key", function()
  for _, host in ipairs { "127.0.0.1", "localhost" } do
    it("reaches the API only (storage on " .. host .. ")", function()
      local service <close> = support.service { upload_host = host, speed = 100 }
      local client <close> = support.client(service)
      local _, requests = whole_job(service, client)
      local authenticated, plain = 0, 0
      for _, request in ipairs(requests) do
        local storage = request.route == "put" or request.route == "download"
        assert.is_nil(request.target:find(service.api_key, 1, true))
        for name, value in pairs(request.headers) do
          local has = value:find(service.api_key, 1, true) ~= nil
          assert.equal(name == "authorization" and not storage, has, request.route .. " " .. name)
        end
        if storage then plain = plain + 1 else authenticated = authenticated + 1 end
      end
      assert.is_true(authenticated >= 5 and plain >= 3)
      assert.equal(0, service:ledger().upload_authorization)
    end)
  end

  it("and links are in no value that a script can reach or print", function()
    local service <close> = support.service { speed = 100 }
    local client <close> = support.client(service)
    local made = whole_job(service, client)
    local secrets = { service.api_key, SIGNATURE }
    assert_clean(secrets, client, "the client")
    assert_clean(secrets, made, "a task or an image")
    assert.matches(SIGNATURE, made.images[1]:url(), 1, true)
  end)

  it("is not sent along with a redirect", function()
    local service <close> = support.service()
    local other <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "status", status = 307, forever = true,
      headers = { Location = other.base_url .. "/v3/training/subject" } }
    assert.is_nil((client.trainings:create("subject", support.body())))
    assert.is_nil((client.trainings:get("x", "subject")))
    assert.is_nil((client.assets:upload { bytes = support.photo(1) }))
    assert.equal(0, #other:requests())
  end)

  it("is rejected if it has control characters", function()
    local service <close> = support.service()
    for _, key in ipairs { "sk_a\r\nX-Evil: 1", "sk a", "sk\0a", "" } do
      local ok, message = pcall(support.client, service, { api_key = key })
      assert.is_false(ok)
      assert.is_nil(message:find("Evil", 1, true))
    end
  end)
end)

describe("an error", function()
  -- Error responses in which a server quotes our key and our links, in every encoding.
  local function responses(key, link)
    local escaped = link:gsub("/", "\\/"):gsub("&", "\\u0026")
    local xml = link:gsub("&", "&amp;")
    return {
      ('{"code":401,"reason":"NO","message":"the key %s is not good, see %s"}'):format(key, link),
      ('{"code":400,"reason":"NO","message":"link","metadata":{"link":"%s","key":"%s"}}')
        :format(escaped, key),
      ("<html>Bearer %s is not good: <a href='%s'>%s</a></html>"):format(key, link, link),
      ("<Error><Code>SignatureDoesNotMatch</Code><Message>%s</Message><Resource>%s</Resource>"
        .. "<SignatureProvided>0123456789abcdef</SignatureProvided></Error>"):format(key, xml),
      ("bad link %s"):format(link),
    }
  end

  local calls = {
    function(client) return client.trainings:get("x", "subject") end,
    function(client) return client.trainings:create("subject", support.body()) end,
    function(client) return client.images:get "x" end,
    function(client) return client.assets:create "png" end,
    function(client) return client.assets:upload { bytes = support.photo(1) } end,
    function(client) return client:attach { task_id = "x", task_type = "image" }:wait() end,
  }

  it("has neither the key nor a link if the server quotes them", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { poll = { not_found_grace = 0 } })
    local link = client.assets:create("png").upload_url
    local secrets = { service.api_key, SIGNATURE, link:match "Signature=(%x+)", "0123456789abcdef" }
    for _, body in ipairs(responses(service.api_key, link)) do
      for i, call in ipairs(calls) do
        for _, status in ipairs { 401, 403, 404, 200 } do
          local watched_page = i == #calls and (status == 200 or body:byte() ~= ("{"):byte())
          if not (watched_page and status ~= 404 and status ~= 401) then
            service:fault { kind = "status", status = status, body = body, forever = true }
            local value, err = call(client)
            service:clear_faults()
            if status ~= 200 then assert.is_nil(value) end
            assert_clean(secrets, err or "", "an error")
          end
        end
      end
    end
  end)

  it("has no link if the storage fails", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { retry = { attempts = 2 } })
    local generated = support.generated_image(client)
    local secrets = { service.api_key, SIGNATURE, "X-Amz-Credential=" }
    local folder <close> = support.folder()
    for _, fault in ipairs {
      { kind = "status", status = 403 }, { kind = "status", status = 404 },
      { kind = "status", status = 503 }, { kind = "reset_before" }, { kind = "fin_before" },
      { kind = "cut_body" },
      { kind = "status", status = 302, headers = { Location = "ftp://x/?y" } },
    } do
      for _, route in ipairs { "download", "put" } do
        fault.route, fault.forever = route, true
        service:fault(fault)
        local errs = {}
        if route == "put" then
          errs[1] = select(2, client.assets:upload { bytes = support.photo(1) })
        else
          errs[1] = select(2, generated:save(folder.path .. "/a.png"))
          errs[2] = select(2, generated:bytes())
        end
        service:clear_faults()
        -- a PUT has no body to cut
        assert.is_true(#errs > 0 or fault.kind == "cut_body")
        for _, err in ipairs(errs) do
          assert_clean(secrets, err, "an error")
          assert.is_nil(tostring(err):find "\n")
        end
      end
    end
    service:stop()
    assert_clean(secrets, (select(2, generated:save(folder.path .. "/a.png"))), "an error")
  end)

  it("has no link if the response with the links is cut", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local generated = support.generated_image(client)
    local secrets = { SIGNATURE, generated:url():match "Signature=(%x+)" }
    local body = ('{"task":{"status":"TASK_STATUS_SUCCEED"},"images":[{"image_url":"%s"')
      :format(generated:url())
    service:fault { kind = "status", status = 200, body = body, route = "task-result" }
    local value, err = client.images:get "x"
    assert.is_nil(value)
    assert.equal("malformed", err.code)
    assert_clean(secrets, err, "an error")
  end)
end)

describe("a program with all logging on", function()
  it("prints neither key nor link, and has neither in its command line", function()
    local path = support.temporary [[
      local novita, support = require "novita", require "support.client"
      local service <close> = support.service { speed = 100 }
      io.stdout:write(service.api_key, "\n")
      local client <close> = support.client(service)
      service:fault { kind = "status", status = 503, route = "put", times = 2 }
      service:fault { kind = "malformed", route = "status", times = 2 }
      local task = assert(client:train {
        task_type = "subject", name = "ohwx", images = { { bytes = support.photo(1) } },
        base_model = "something-unknown", size = 512, max_train_steps = 10, learning_rate = 0.1,
        instance_prompt = "a photo of ohwx", class_prompt = "person",
      })
      local progress = require "novita.client.progress"
      for status in task:updates() do
        for name, value in pairs(status) do io.stderr:write(name, "=", tostring(value), "\n") end
      end
      local generated = support.generated_image(client)
      io.stderr:write(tostring(client), tostring(task), tostring(generated), tostring(progress),
        "\n")
      service:fault { kind = "status", status = 403, route = "download" }
      io.stderr:write(tostring(select(2, generated:bytes())), "\n")
      for line in io.lines "/proc/self/cmdline" do io.stderr:write(line, "\n") end
      error(select(2, client.trainings:get("nowhere", "subject")))
    ]]
    local pipe = assert(io.popen("CURL_VERBOSE=1 " .. interpreter .. " " .. path .. " 2>&1"))
    local key = pipe:read "l"
    local text = pipe:read "a"
    pipe:close()
    os.remove(path)
    assert.matches("TASK_NOT_FOUND", text, 1, true)
    assert.matches("stage=serving", text, 1, true)
    assert.matches("novita: warning", text, 1, true)
    assert.is_nil(text:find(key, 1, true))
    assert.is_nil(text:find(SIGNATURE, 1, true))
  end)
end)
