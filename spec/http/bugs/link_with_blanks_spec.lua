-- A link of the service with blanks or letters beyond ASCII was "not a URL", or was sent as raw
-- bytes.

local GeneratedImage = require "novita.client.generated_image"
local support = require "support.client"

local PATH <const> = "/output-image/Anna Löwe's photo.png?name=a b ü#part of it"
local SENT <const> = "/output-image/Anna%20L%C3%B6we's%20photo.png?name=a%20b%20%C3%BC"

describe("a link with blanks and letters beyond ASCII", function()
  local service, client

  before_each(function()
    service = support.service()
    client = support.client(service, { retry = { attempts = 1 } })
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  -- The emulator refuses such links, which it has not made; what it was sent is in its log.
  local function last_target()
    local requests = service:requests()
    return requests[#requests].target
  end

  local function download(link)
    return select(2, GeneratedImage.new(client, { image_url = link }):bytes(10))
  end

  it("of an image is encoded as browsers do", function()
    local err = download(service.base_url .. PATH)
    assert.equal(SENT, last_target())
    assert.truthy(err.status)
  end)

  it("may have blanks around it", function()
    download("  " .. service.base_url .. PATH .. " ")
    assert.equal(SENT, last_target())
  end)

  it("is not encoded twice", function()
    download(service.base_url .. SENT)
    assert.equal(SENT, last_target())
  end)

  it("of an upload is encoded too", function()
    service:fault { kind = "status", status = 200, route = "presign",
      body = ('{"assets_id":"a","upload_url":"%s%s","method":"PUT","headers":{}}')
        :format(service.base_url, PATH:gsub("output%-image", "training-dataset")) }
    client.assets:upload { bytes = support.photo(1) }
    assert.equal((SENT:gsub("output%-image", "training-dataset")), last_target())
  end)

  it("of a redirect is encoded too", function()
    service:fault { kind = "status", status = 302, route = "download",
      headers = { Location = service.base_url .. PATH } }
    local image = support.generated_image(client)
    image:bytes(10)
    assert.equal(SENT, last_target())
  end)

  it("in its host is refused, as are control characters", function()
    for _, link in ipairs { "http://127.0.0.1 x/a", "http://\u{fc}ber st/a",
      "http://127.0.0.1/a\nb" } do
      assert.equal("bad_url", download(link).code)
    end
    assert.equal(0, #service:requests())
  end)
end)
