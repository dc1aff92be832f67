--- A range that ends before it begins got a 206 without bytes, and one that begins past the largest
--- integer got the whole file. An image far over its limit was decoded before it was rejected,
--- which blocked all other requests for seconds.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

describe("a part of a model's file", function()
  it("is one range, the whole file, or an error", function()
    local service <close> = assert(emulator.start { speed = 0, model_bytes = 1024 })
    helper.model(service)
    local found = helper.api(service, "GET", "/v3/model?filter.types=lora").json.models[1]
    for range, wanted in pairs {
      ["5-2"] = { 200, 1024 }, ["0-9"] = { 206, 10 }, ["1023-"] = { 206, 1 },
      ["1000-99999999999999999999"] = { 206, 24 }, ["1024-"] = { 416 },
      ["99999999999999999999-"] = { 416 },
    } do
      local response = helper.curl("-H", "Range: bytes=" .. range, found.download_url)
      assert.equal(wanted[1], response.status, range)
      if wanted[2] then assert.equal(wanted[2], #response.body, range) end
    end
  end)
end)

describe("an image that is far too large", function()
  it("is rejected by its length, before it is decoded", function()
    local service <close> = assert(emulator.start { speed = 0 })
    local response = helper.api(service, "POST", "/v3/async/img2img",
      helper.order(function(request) request.image_base64 = ("!"):rep(14 * 1000 * 1000) end))
    assert.equal(400, response.status)
    assert.equal("IMAGE_FILE_EXCEEDS_MAX_SIZE", response.json.reason)
  end)
end)
