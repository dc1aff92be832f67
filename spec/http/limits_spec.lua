--- Responses and bodies at their limits: too long, too compressed, or malicious.

local support = require "support.client"

local MIB = 1024 * 1024

local function peak_kib()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^VmHWM:%s+(%d+)"
    if kib then return tonumber(kib) end
  end
end

local function gzip(shell)
  local pipe = assert(io.popen(shell .. " | gzip -9"))
  local bytes = pipe:read "a"
  pipe:close()
  return bytes
end

describe("a response", function()
  local service, client

  before_each(function()
    service = support.service()
    client = support.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  it("may be as long as its limit, and not longer", function()
    local id = support.training(client)
    service:fault { kind = "big_body", bytes = 7 * MIB, route = "status" }
    assert.equal(id, client.trainings:get(id, "subject").task_id)
    service:fault { kind = "big_body", bytes = 8 * MIB, route = "status", forever = true }
    local value, err = client.trainings:get(id, "subject")
    assert.is_nil(value)
    assert.equal("too_big", err.code)
    assert.equal(1, err.attempts)
    assert.is_nil(tostring(err):find "\n")
  end)

  it("with an upload link has a limit too", function()
    service:fault { kind = "big_body", bytes = 100000, route = "presign", forever = true }
    local id, err = client.assets:upload { bytes = support.photo(1) }
    assert.is_nil(id)
    assert.equal("too_big", err.code)
  end)

  it("is counted after decompression", function()
    local bomb = gzip "head -c 200000000 /dev/zero"
    assert.is_true(#bomb < 300000)
    local before = peak_kib()
    service:fault { kind = "status", status = 200, body = bomb, forever = true,
      headers = { ["Content-Encoding"] = "gzip", ["Content-Type"] = "application/json" } }
    local value, err = client.trainings:get("x", "subject")
    assert.is_nil(value)
    assert.equal("compressed", err.code)
    assert.is_true(peak_kib() - before < 40000, "KiB more: " .. peak_kib() - before)
  end)

  it("is decompressed if it is valid, and rejected if it is damaged", function()
    service:fault { kind = "status", status = 200, route = "status",
      body = gzip [[printf '{"task_id":"a","task_status":"QUEUING"}']],
      headers = { ["Content-Encoding"] = "gzip" } }
    assert.equal("QUEUING", client.trainings:get("a", "subject").task_status)
    service:fault { kind = "status", status = 200, route = "status", body = "no gzip at all",
      headers = { ["Content-Encoding"] = "gzip" }, forever = true }
    local value, err = client.trainings:get("a", "subject")
    assert.is_nil(value)
    assert.equal("encoding", err.code)
  end)

  it("quoted in an error is shortened, and on one line", function()
    for _, body in ipairs { ("x\r\n\27[2J"):rep(10000),
      '{"code":400,"reason":"BAD","message":"' .. ("y\\n"):rep(5000) .. '"}' } do
      service:fault { kind = "status", status = 400, body = body }
      local _, err = client.trainings:get("x", "subject")
      assert.is_true(#tostring(err) < 600)
      assert.is_nil(tostring(err):find "%c")
      assert.is_true(#err.body <= 2048)
    end
  end)

  it("nested too deeply is rejected", function()
    service:fault { kind = "status", status = 200, body = ("["):rep(100000) }
    local value, err = client.trainings:get("x", "subject")
    assert.is_nil(value)
    assert.equal("malformed", err.code)
  end)
end)

describe("the response with an upload link", function()
  local service, client, asset

  before_each(function()
    service = support.service()
    client = support.client(service)
    asset = client.assets:create "png"
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  local function upload(headers, url)
    service:fault { kind = "status", status = 200, route = "presign",
      body = ('{"assets_id":"a","upload_url":"%s","method":"PUT","headers":%s}')
        :format((url or asset.upload_url):gsub("&", "\\u0026"), headers) }
    return client.assets:upload { bytes = support.photo(1), extension = "png" }
  end

  local function put()
    return support.requests(service, "put")
  end

  for _, headers in ipairs {
    [[{"X-A":{"values":["1\r\nX-Evil: 1"]}}]],
    [[{"X-A\r\nX-Evil: 1\r\nX-B":{"values":["1"]}}]],
    [[{"X-A: 1\u000aX-Evil":{"values":["1"]}}]],
    [[{"X-Evil: x":{"values":["1"]}}]],
    [[{"":{"values":["1"]}}]],
    [[{"X Y":{"values":["1"]}}]],
    [[{"X-A":{"values":["1\u0000"]}}]],
    [=[{"X-A":{"values":[["1"]]}}]=],
    "[1]",
  } do
    it("cannot inject a header by " .. headers, function()
      local id, err = upload(headers)
      assert.is_nil(id)
      assert.equal("presign", err.code)
      assert.matches("headers that cannot be sent", tostring(err))
      assert.equal(0, #put())
    end)
  end

  it("may set headers, but not the framing of the body or its host", function()
    assert.equal("a", upload [[{"Host":{"values":["evil.example"]},
      "X-Amz-Acl":{"values":["private"]},
      "Content-Type":{"values":["image/x"]},"Content-Length":{"values":["1"]},
      "transfer-encoding":{"values":["chunked"]},"Connection":{"values":["close"]}}]])
    local headers = put()[1].headers
    assert.equal("private", headers["x-amz-acl"])
    assert.equal("image/x", headers["content-type"])
    assert.equal(service.base_url:match "//(.*)", headers.host)
    assert.equal(tostring(#support.photo(1)), headers["content-length"])
    assert.is_nil(headers["transfer-encoding"])
  end)

  for url, words in pairs {
    ["http://192.0.2.1/a?secret"] = "refusing plain http to 192.0.2.1",
    ["file:///etc/passwd?secret"] = "has no host",
    ["http://u:secret@127.0.0.1/a"] = "user name",
    ["nonsense secret"] = "not a URL",
    ["http://127.0.0.1\\r\\n/secret"] = "control characters",
  } do
    it("cannot lead to " .. url, function()
      local id, err = upload("{}", url)
      assert.is_nil(id)
      assert.equal("protocol", err.kind)
      assert.matches(words, tostring(err), 1, true)
      assert.is_nil(tostring(err):find("secret", 1, true))
    end)
  end

  for _, body in ipairs { "", "{}", "[]", "7", '{"assets_id":"a"}', '{"upload_url":"http://x"}',
    '{"assets_id":"","upload_url":"http://127.0.0.1/"}', '{"assets_id":null,"upload_url":null}',
    '{"assets_id":{},"upload_url":[]}', '{"data":7}' } do
    it(("may be useless: %q"):format(body), function()
      service:fault { kind = "status", status = 200, route = "presign",
        body = body == "" and " " or body }
      local id, err = client.assets:upload { bytes = support.photo(1), extension = "png" }
      assert.is_nil(id)
      assert.equal("presign", err.code)
    end)
  end
end)

describe("a body of 64 MB", function()
  it("is uploaded from a file and downloaded to a file, in little memory", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local path = os.tmpname()
    assert(os.execute(("head -c %d /dev/zero >%s"):format(64 * MIB, path)))
    assert(client.assets:upload({ path = path, extension = "jpeg" }))
    assert.equal(64 * MIB, service:ledger().assets[1].size)
    local generated = support.generated_image(client)
    service:fault { kind = "big_body", bytes = 64 * MIB, route = "download" }
    assert(generated:save(path))
    local file <close> = assert(io.open(path, "rb"))
    assert.is_true(file:seek "end" > 64 * MIB)
    os.remove(path)
  end)
end)
