--- An HTML page or a JSON error with status 200 was saved as an image.

local Front = require "support.faults.front"
local lfs = require "lfs"
local support = require "support.client"

describe("a response that is not an image", function()
  for _, kind in ipairs { "wrong-json", "truncated-json" } do
    it(("is not taken for one: %s"):format(kind), function()
      local folder <close> = support.folder()
      local service <close> = support.service { speed = 200 }
      local front <close> = Front.start(service, {
        { kind = kind, times = 99, method = "GET", prefix = "/output-image/" } })
      local client <close> = support.client(service, { base_url = "http://127.0.0.1:"
        .. front.ports[1] })
      local path = folder.path .. "/a.png"
      local generated = support.generated_image(client)

      local saved, err = generated:save(path)
      assert.is_nil(saved)
      assert.equal("protocol", err.kind)
      assert.equal("not_an_image", err.code)
      for name in lfs.dir(folder.path) do
        assert.is_true(name == "." or name == "..", name .. " was not removed")
      end

      local bytes, why = generated:bytes()
      assert.is_nil(bytes)
      assert.equal("not_an_image", why.code)
    end)
  end
end)
