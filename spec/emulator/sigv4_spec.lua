local link_check = require "novita.service.link_check"
local query = require "novita.service.query"
local sigv4 = require "novita.service.sigv4"

-- the example credentials of AWS's documentation
local function credentials(region)
  return { access_key = "AKIAIOSFODNN7EXAMPLE", region = region, service = "s3",
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }
end

local function request(method, url)
  local host, rest = url:match("^%a+://([^/]+)(.*)$")
  local path, raw_query = query.split(rest)
  return { method = method, path = query.unescape(path), raw_query = raw_query,
    headers = { host = host } }
end

describe("presigned links", function()
  it("are signed as in AWS's published example", function()
    local url = sigv4.presign(credentials("us-east-1"), {
      method = "GET", scheme = "https", host = "examplebucket.s3.amazonaws.com",
      path = "/test.txt", at = 1369353600, expires = 86400,
    })
    assert.equal("https://examplebucket.s3.amazonaws.com/test.txt"
      .. "?X-Amz-Algorithm=AWS4-HMAC-SHA256"
      .. "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
      .. "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      .. "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404", url)
  end)

  -- made once by @aws-sdk/s3-request-presigner for 2026-11-23T10:20:30Z
  local AT = 1795429230
  local COMMON = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"
    .. "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261123%2Fap-southeast-1%2Fs3%2Faws4_request"
    .. "&X-Amz-Date=20261123T102030Z"
  local plain = "http://127.0.0.1:8080/training-dataset/prod/34558688e2f42a0137ca2d5274a8cf43.png?"
    .. COMMON .. "&X-Amz-Expires=600&X-Amz-Signature="
    .. "e3ebd61746a97139f81d2899ca615124bb6fa2f2cb3f3220060fb6ed8c8c62db"
    .. "&X-Amz-SignedHeaders=host&x-id=PutObject"
  local escaped = "http://localhost:1234/training-dataset/prod/"
    .. "a%20b%2Bc~d%28%C3%A9%29%27%21%2A%3D%26.png?" .. COMMON
    .. "&X-Amz-Expires=120&X-Amz-Signature="
    .. "205c870db3e1e759871e893828c7ee92aeff692344ce6bec169f13b64b667544"
    .. "&X-Amz-SignedHeaders=host&x-id=PutObject"
  local keys = credentials("ap-southeast-1")

  it("are accepted when AWS's own presigner made them", function()
    assert.is_nil(link_check.refusal(keys, request("PUT", plain), AT + 599))
    assert.is_nil(link_check.refusal(keys, request("PUT", escaped), AT + 119))
  end)

  it("are refused for another method, another host, before their time and after it", function()
    local function code(what, at)
      return link_check.refusal(keys, what, at).body:match("<Code>(%a+)</Code>")
    end
    assert.equal("SignatureDoesNotMatch", code(request("GET", plain), AT))
    assert.equal("SignatureDoesNotMatch", code(request("PUT", plain:gsub("8080", "8081")), AT))
    assert.equal("AccessDenied", code(request("PUT", plain), AT + 600))
    assert.equal("AccessDenied", code(request("PUT", plain), AT - 901))
  end)

  it("are rejected if the host was not signed", function()
    local fields = {
      { "X-Amz-Algorithm", "AWS4-HMAC-SHA256" }, { "X-Amz-Date", "20261123T102030Z" },
      { "X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20261123/ap-southeast-1/s3/aws4_request" },
      { "X-Amz-Expires", "600" },
    }
    local function link(signed, headers)
      local list, raw = { { "X-Amz-SignedHeaders", signed } }, {}
      table.move(fields, 1, #fields, 2, list)
      local hex = sigv4.signature(keys, "20261123T102030Z",
        { method = "PUT", path = "/a.png", pairs = list, headers = headers })
      for i, pair in ipairs(list) do raw[i] = pair[1] .. "=" .. pair[2] end
      return request("PUT", "http://127.0.0.1:80/a.png?" .. table.concat(raw, "&")
        .. "&X-Amz-Signature=" .. hex)
    end
    assert.is_nil(link_check.refusal(keys, link("host", { { "host", "127.0.0.1:80" } }), AT))
    assert.equal(403, link_check.refusal(keys, link("date", { { "date", "" } }), AT).status)
  end)
end)
