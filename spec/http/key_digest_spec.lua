-- The digest of a client's key. The answers are those of RFC 4231, case 2, and of openssl.

local novita = require "novita"

local function digest(key, text)
  local client <close> = novita.client { api_key = key, base_url = "http://127.0.0.1:9" }
  return client.core:account(text)
end

describe("the digest of a key", function()
  it("is the key's HMAC-SHA256 of the text", function()
    assert.equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      digest("Jefe", "what do ya want for nothing?"))
    assert.equal("d021303c2f34bf3ae541b4ec9c672691694c6f71c5c0c55781545a66115b14a7",
      digest(("a"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First"))
  end)

  it("differs for another key and for another text", function()
    local seen = {}
    for _, key in ipairs { "sk_one", "sk_two" } do
      for _, text in ipairs { "1a2b3c4d", "5e6f7081" } do
        local made = digest(key, text)
        assert.is_nil(seen[made])
        assert.is_nil(made:find(key, 1, true))
        seen[made] = true
      end
    end
  end)
end)
