local emulator = require "novita.emulator"
local helper = require "support.emulator"

local function with_service(options, use)
  options.speed = options.speed or 0
  local service <close> = assert(emulator.start(options))
  return use(service)
end

local function assert_storage_error(response, status, code)
  assert.equal(status, response.status)
  assert.equal("application/xml", response.headers["content-type"])
  assert.matches("^<%?xml .-<Error><Code>" .. code .. "</Code><Message>.+</Message>", response.body)
end

describe("upload links of the emulator", function()
  it("have the documented shape", function()
    with_service({}, function(service)
      local asset = helper.presign(service, "webp")
      local host = service.base_url:match("//(.*)")
      assert.matches("^%x+$", asset.assets_id)
      assert.equal(32, #asset.assets_id)
      assert.equal("PUT", asset.method)
      assert.same({ host }, asset.headers.Host.values)
      local prefix = ("%s/training-dataset/prod/%s.webp?"):format(service.base_url, asset.assets_id)
      assert.equal(prefix, asset.upload_url:sub(1, #prefix))
      for _, part in ipairs { "X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Expires=600&",
        "X-Amz-SignedHeaders=host", "x-id=PutObject", "X-Amz-Signature=" } do
        assert.truthy(asset.upload_url:find(part, 1, true), part)
      end
    end)
  end)

  it("accept a file and keep it", function()
    with_service({}, function(service)
      local asset = helper.presign(service)
      local response = helper.put(asset.upload_url, "some bytes\0and more")
      assert.equal(200, response.status)
      assert.equal("", response.body)
      assert.equal('"572587d17f0f0dc2b08502b524ce13d9"', response.headers.etag)
      local kept = service:ledger().assets[1]
      assert.equal(asset.assets_id, kept.id)
      assert.equal(19, kept.size)
      assert.equal("f9be352228d80a9bedbee754962b254c", kept.sha256:sub(1, 32))
    end)
  end)

  it("expire on the emulator's clock", function()
    with_service({ presign_ttl = 120 }, function(service)
      local asset = helper.presign(service)
      service:advance(119)
      assert.equal(200, helper.put(asset.upload_url, "x").status)
      service:advance(1)
      local response = helper.put(asset.upload_url, "x")
      assert_storage_error(response, 403, "AccessDenied")
      assert.matches("<Message>Request has expired</Message><X%-Amz%-Expires>120<", response.body)
    end)
  end)

  it("are valid only for the signed request", function()
    with_service({}, function(service)
      local asset, other = helper.presign(service), helper.presign(service)
      local url = asset.upload_url
      local elsewhere = url:gsub(asset.assets_id, other.assets_id)
      local longer = url:gsub("Expires=600", "Expires=6000")
      local forged = url:gsub("Signature=%x", function(s) return s:sub(1, -2) ..
        (s:sub(-1) == "0" and "1" or "0") end)
      for _, bad in ipairs { elsewhere, longer, forged, url .. "&more=1" } do
        assert_storage_error(helper.put(bad, "x"), 403, "SignatureDoesNotMatch")
      end
      assert_storage_error(helper.curl(url), 403, "SignatureDoesNotMatch")
      assert_storage_error(helper.put(url, "x", "-H", "Host: localhost:1"), 403,
        "SignatureDoesNotMatch")
      assert_storage_error(helper.put(url:gsub("%?.*", ""), "x"), 403, "AccessDenied")
      assert_storage_error(helper.put(url:gsub("&X%-Amz%-Date=[^&]*", ""), "x"), 400,
        "AuthorizationQueryParametersError")
      assert_storage_error(helper.put(url:gsub("AKIA%x", "AKIAZ"), "x"), 403, "InvalidAccessKeyId")
      assert.is_nil(service:ledger().assets[1].size)
    end)
  end)

  it("reject the API key, and the ledger counts it", function()
    with_service({}, function(service)
      local url = helper.presign(service).upload_url
      local response = helper.put(url, "x", "-H", "Authorization: Bearer " .. service.api_key)
      assert_storage_error(response, 400, "InvalidArgument")
      assert.equal(1, service:ledger().upload_authorization)
      local log = service:requests()
      assert.equal("put", log[#log].route)
      assert.equal("Bearer " .. service.api_key, log[#log].headers.authorization)
    end)
  end)

  it("require a Content-Length", function()
    with_service({}, function(service)
      local url = helper.presign(service).upload_url
      assert_storage_error(helper.put(url, "x", "-H", "Content-Length:",
        "-H", "Transfer-Encoding: chunked"), 501, "NotImplemented")
      assert_storage_error(helper.curl("-X", "PUT", url), 411, "MissingContentLength")
    end)
  end)

  it("reject a file that is too large before it is sent", function()
    with_service({ body_limit = 1000 }, function(service)
      local url = helper.presign(service).upload_url
      assert.equal(200, helper.put(url, ("x"):rep(1000)).status)
      assert_storage_error(helper.put(url, ("x"):rep(1001)), 400, "EntityTooLarge")
      for _, expect in ipairs { "Expect:", "Expect: 100-continue" } do
        assert_storage_error(helper.put(url, ("x"):rep(5e6), "-H", expect), 400, "EntityTooLarge")
      end
    end)
  end)

  it("drop the oldest photos when their memory is used up", function()
    with_service({ asset_memory = 1000 }, function(service)
      for _ = 1, 5 do helper.upload(service, ("x"):rep(400)) end
      local kept = {}
      for i, asset in ipairs(service:ledger().assets) do kept[i] = asset.kept end
      assert.same({ false, false, false, true, true }, kept)
      local url = helper.presign(service).upload_url
      assert_storage_error(helper.put(url, ("x"):rep(1001)), 503, "SlowDown")
    end)
  end)

  it("have integers as ids if configured", function()
    with_service({ asset_ids = "integer" }, function(service)
      local asset = helper.presign(service)
      assert.equal(100024, asset.assets_id)
      assert.equal(200, helper.put(asset.upload_url, helper.photo(1)).status)
      local create = helper.api(service, "POST", "/v3/training/subject",
        helper.subject { 100024 })
      assert.equal(200, create.status)
    end)
  end)

  it("can have their own host name", function()
    with_service({ upload_host = "localhost" }, function(service)
      local asset = helper.presign(service)
      assert.matches("^http://localhost:%d+/", asset.upload_url)
      assert.equal(200, helper.put(asset.upload_url, "x").status)
      local moved = asset.upload_url:gsub("localhost", "127.0.0.1")
      assert_storage_error(helper.put(moved, "x"), 403, "SignatureDoesNotMatch")
    end)
  end)
end)
