--- AWS Signature Version 4 in the query string: the signature of upload and result links.

local ascii = require "novita.base.ascii"
local crypto = require("novita.service.core").crypto

---@class novita.service.Credentials
---@field access_key string
---@field secret string
---@field region string
---@field service string

local sigv4 = {}

sigv4.algorithm = "AWS4-HMAC-SHA256"

--- New random credentials. A link is valid only with the ones that signed it.
---@return novita.service.Credentials
function sigv4.new_credentials()
  return { access_key = "AKIA" .. ascii.upper(crypto.hex(crypto.random(8))),
    secret = crypto.hex(crypto.random(20)), region = "ap-southeast-1", service = "s3" }
end

local function escape(text, safe)
  return (text:gsub("[^A-Za-z0-9%-_.~" .. (safe or "") .. "]", function(char)
    return ("%%%02X"):format(char:byte())
  end))
end

--- Sorted by bytes. `<` on strings depends on the locale, so their hex digits are compared.
local function escaped_pairs(list)
  local result = {}
  for i, pair in ipairs(list) do
    local name, value = escape(pair[1]), escape(pair[2])
    result[i] = { name, value, crypto.hex(name) .. " " .. crypto.hex(value) }
  end
  table.sort(result, function(a, b) return a[3] < b[3] end)
  return result
end

local function join(list)
  local out = {}
  for i, pair in ipairs(list) do out[i] = pair[1] .. "=" .. pair[2] end
  return table.concat(out, "&")
end

local function canonical_request(what)
  local lines, names = {}, {}
  for i, header in ipairs(what.headers) do
    lines[i] = header[1] .. ":" .. header[2] .. "\n"
    names[i] = header[1]
  end
  return table.concat({ what.method, escape(what.path, "/"), join(escaped_pairs(what.pairs)),
    table.concat(lines), table.concat(names, ";"), "UNSIGNED-PAYLOAD" }, "\n")
end

--- The signature of a request.
---@param credentials novita.service.Credentials
---@param date string as in X-Amz-Date
---@param what table method, path, pairs (all but the signature), headers; all decoded
---@return string hex
function sigv4.signature(credentials, date, what)
  local request = canonical_request(what)
  local day = date:sub(1, 8)
  local scope = table.concat({ day, credentials.region, credentials.service, "aws4_request" }, "/")
  local text = table.concat({ sigv4.algorithm, date, scope,
    crypto.hex(crypto.sha256(request)) }, "\n")
  local key = "AWS4" .. credentials.secret
  for part in scope:gmatch("[^/]+") do key = crypto.hmac_sha256(key, part) end
  return crypto.hex(crypto.hmac_sha256(key, text))
end

--- The X-Amz-Credential of a day ("20261123").
function sigv4.credential(credentials, day)
  return ("%s/%s/%s/%s/aws4_request"):format(credentials.access_key, day, credentials.region,
    credentials.service)
end

--- A presigned URL.
---@param credentials novita.service.Credentials
---@param link table method, scheme, host, path (decoded), at (unix seconds), expires (seconds),
--- operation (x-id, may be nil)
---@return string url
function sigv4.presign(credentials, link)
  local date = os.date("!%Y%m%dT%H%M%SZ", math.floor(link.at))
  local list = {
    { "X-Amz-Algorithm", sigv4.algorithm },
    { "X-Amz-Credential", sigv4.credential(credentials, date:sub(1, 8)) },
    { "X-Amz-Date", date },
    { "X-Amz-Expires", tostring(link.expires) },
    { "X-Amz-SignedHeaders", "host" },
  }
  if link.operation then list[#list + 1] = { "x-id", link.operation } end
  local hex = sigv4.signature(credentials, date, {
    method = link.method, path = link.path, pairs = list, headers = { { "host", link.host } },
  })
  return ("%s://%s%s?%s&X-Amz-Signature=%s"):format(link.scheme, link.host,
    escape(link.path, "/"), join(escaped_pairs(list)), hex)
end

return sigv4
