--- A prepared photo that was closed, or canceled, during its upload: its bytes were freed while
--- they were being sent.

local ops = require "novita.async.op"
local prepare_op = require "novita.image.prepare_op"
local support = require "support.client"

local function sha256(bytes)
  return require("novita.core").sha256():add(bytes):hex()
end

local ends = {
  close = function(photo) photo:close() end,
  cancel = function(photo, loop) photo:cancel(loop:core()) end,
}

describe("a prepared photo", function()
  for name, finish in pairs(ends) do
    it(("is sent whole although %s frees it meanwhile"):format(name), function()
      local service <close> = support.service()
      local client <close> = support.client(service)
      local photo = assert(prepare_op.op(support.photo(1), { size = 1024, format = "jpeg",
        quality = 100 }, client.loop))
      local sent = sha256(photo:bytes())
      assert(ops.await(client.loop, function(future)
        return client.core:upload(future, { prepared = photo }, "jpeg", 20)
      end, function()
        finish(photo, client.loop)
        finish(photo, client.loop)
        assert.has_error(function() photo:bytes() end)
      end))
      assert.equal(sent, service:ledger().assets[1].sha256)
    end)
  end

  it("can be sent by two uploads, and closed before the second", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { uploads = 1 })
    local photo = assert(prepare_op.op(support.photo(2), { size = 1024, format = "jpeg" },
      client.loop))
    local sent, group <close> = sha256(photo:bytes()), client:group()
    for _ = 1, 2 do
      group:spawn(function()
        assert(client.assets:upload { prepared = photo, extension = "jpeg" })
        photo:close()
      end)
    end
    group:wait()
    local assets = service:ledger().assets
    assert.same({ sent, sent }, { assets[1].sha256, assets[2].sha256 })
  end)
end)
