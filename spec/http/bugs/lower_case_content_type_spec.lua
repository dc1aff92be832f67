--- The storage's own Content-Type was recognised only in this spelling: one in lower case, as
-- signers write it, was sent together with ours, which made the signature invalid.

local support = require "support.client"

describe("an upload", function()
  it("has one content type, whatever the case of its name in the response", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local bytes = support.photo(1)
    for _, name in ipairs { "Content-Type", "content-type", "CONTENT-TYPE" } do
      local asset = assert(client.assets:create "jpeg")
      local link = asset.upload_url:gsub("&", "\\u0026")
      service:fault { kind = "status", status = 200, route = "presign",
        body = ('{"assets_id":"a","upload_url":"%s","headers":{"%s":{"values":["image/x"]}}}')
          :format(link, name) }
      assert(client.assets:upload { bytes = bytes })
      local puts = support.requests(service, "put")
      assert.equal("image/x", puts[#puts].headers["content-type"], name)
    end
  end)
end)
