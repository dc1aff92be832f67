local core = require "novita.core"
local interpreter = require "support.interpreter"

local function sha256(text) return core.sha256():add(text):hex() end

describe("SHA-256", function()
  -- FIPS 180-4 examples and NIST's CAVP short messages
  for hex, text in pairs {
    ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"] = "",
    ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"] = "abc",
    ["248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"] =
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    ["cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"] =
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
      .. "klmnopqrlmnopqrsmnopqrstnopqrstu",
    ["28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"] = "\xd3",
    ["5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"] = "\x11\xaf",
    ["cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"] = ("a"):rep(1000000),
  } do
    it(("of %d bytes is NIST's"):format(#text), function()
      assert.equal(hex, sha256(text))
    end)
  end

  it("adds a part of a file, and says what it cannot read", function()
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "wb"))
    file:write(("abc"):rep(50000))
    file:flush()
    local hash = core.sha256()
    assert.equal(100000, hash:add_file(path, 0, 100000))
    assert.equal(50000, hash:add_file(path, 100000, 100000))
    assert.equal(sha256(("abc"):rep(50000)), hash:hex())
    os.remove(path)
    local added, err = hash:add_file(path, 0, 1)
    assert.is_nil(added)
    assert.matches("^cannot read .*No such file", err.message)
  end)

  it("does not depend on the chunks", function()
    local text = {}
    for i = 1, 300 do text[i] = string.char(i % 256) end
    text = table.concat(text)
    for length = 0, 300 do
      local whole = sha256(text:sub(1, length))
      for _, size in ipairs { 1, 63, 64, 65 } do
        local hash = core.sha256()
        for from = 1, length, size do
          hash:add(text:sub(from, math.min(from + size - 1, length)))
        end
        assert.equal(whole, hash:hex())
      end
    end
  end)

  it("can be read in between", function()
    local hash = core.sha256():add "a"
    assert.equal(sha256 "a", hash:hex())
    assert.equal(sha256 "abc", hash:add("bc"):hex())
  end)

  it("is the same with the processor's SHA instructions and without them", function()
    local program = [[
      local core, list = require "novita.core", {}
      for length = 0, 1000, 7 do
        list[#list + 1] = core.sha256():add(("\200\1z"):rep(length):sub(1, length)):hex()
      end
      io.write(core.sha256():add(table.concat(list)):hex())]]
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(program)
    file:close()
    local function digest_with(simd)
      local command = ("NOVITA_SIMD=%s %s %s"):format(simd, interpreter, path)
      local pipe <close> = assert(io.popen(command))
      return pipe:read "a"
    end
    local plain, fast = digest_with "scalar", digest_with ""
    os.remove(path)
    assert.equal(64, #plain)
    assert.equal(plain, fast)
  end)

  it("agrees with the program sha256sum", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    local bytes = ("\0\1\2\255"):rep(12345)
    file:write(bytes)
    file:close()
    local pipe = assert(io.popen("sha256sum " .. path))
    assert.equal(pipe:read(64), sha256(bytes))
    pipe:close()
    os.remove(path)
  end)
end)

describe("base64", function()
  -- RFC 4648, section 10
  for text, wanted in pairs { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==",
    fooba = "Zm9vYmE=", foobar = "Zm9vYmFy", ["\255\254\253"] = "//79", ["\0"] = "AA==" } do
    it(("of %q is the standard's"):format(text), function()
      assert.equal(wanted, core.base64(text))
    end)
  end
end)
