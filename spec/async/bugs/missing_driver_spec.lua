--- A driver whose library is not installed raised Lua's list of 15 places where it had looked, and
--- `loop = novita.loop.luv` was nil: the client used its own loop, silently.

describe("the driver of a loop", function()
  it("says in one line what to install", function()
    local library = require "novita.loop.library"
    package.preload["broken-library"] = function() error("broken", 0) end
    local ok, err = pcall(library, "no-such-library")
    assert.same({ false, "novita.loop.no-such-library needs no-such-library: luarocks install "
      .. "no-such-library" }, { ok, err })
    ok, err = pcall(library, "broken-library")
    package.preload["broken-library"] = nil
    assert.is_false(ok)
    assert.matches("^broken", err)
    assert.equal(string, library "string")
  end)

  it("is a module, not a field of the own loop", function()
    local loop = require("novita").loop
    for written, name in pairs { luv = "luv", uv = "luv", cqueues = "cqueues", copas = "copas" } do
      local ok, err = pcall(function() return loop[written] end)
      assert.is_false(ok)
      assert.matches("missing_driver_spec.lua:%d+: novita.loop has no " .. written
        .. ': the driver is require "novita.loop.' .. name .. '"', err)
    end
    assert.is_nil(loop.anything_else)
  end)
end)
