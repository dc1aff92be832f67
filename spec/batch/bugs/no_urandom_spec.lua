-- Without /dev/urandom, as in a chroot, opening a journal raised a text instead of returning an
-- error. The system gives random numbers without that file.

local core = require "novita.core"
local novita = require "novita"
local support = require "support.client"

describe("the id of a journal", function()
  it("is random", function()
    local seen = {}
    for _ = 1, 100 do
      local id = core.random_hex(8)
      assert.matches("^%x+$", id)
      assert.equal(16, #id)
      assert.is_nil(seen[id])
      seen[id] = true
    end
  end)

  it("needs no /dev/urandom", function()
    local open, opened = io.open, {}
    local folder <close> = support.folder()
    local client <close> = novita.client { api_key = "sk_x" }
    io.open = function(path, ...) -- luacheck: ignore 122
      opened[path] = true
      return open(path, ...)
    end
    local ok, batch = pcall(novita.batch, { journal = folder.path .. "/x.db", client = client,
      jobs = {} })
    io.open = open -- luacheck: ignore 122
    assert(ok, batch)
    if batch then batch:close() end
    assert.is_nil(opened["/dev/urandom"])
  end)
end)
