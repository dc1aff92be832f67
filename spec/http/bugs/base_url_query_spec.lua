--- A base_url with a query or a fragment was accepted: each call's path became a part of it, so
--- every request was for the same page.

local novita = require "novita"
local refusal = require "support.refusal"

describe("a base_url", function()
  it("has no query and no fragment", function()
    for _, url in ipairs { "https://api.novita.ai?x=1", "https://api.novita.ai/?",
      "https://a.example#b" } do
      assert.matches("^base_url must be like .*, without query or fragment", refusal(novita.client,
        { api_key = "sk_test", base_url = url }))
    end
  end)
end)
