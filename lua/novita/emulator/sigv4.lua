--- AWS Signature Version 4 in the query string: how upload and result links are signed, and how
--- the storage checks them.

local answers = require "novita.emulator.answers"
local host = require "novita.emulator.host"
local query = require "novita.emulator.query"

local sigv4 = {}

local ALGORITHM = "AWS4-HMAC-SHA256"
local LONGEST = 604800 -- seconds a link may be good for
local SKEW = 900 -- seconds a date may lie in the future

local function escape(text, safe)
  return (text:gsub("[^%w%-_.~" .. (safe or "") .. "]", function(char)
    return ("%%%02X"):format(char:byte())
  end))
end

--- In the order of their bytes. `<` on strings follows the locale; hex digits are safe from it.
local function escaped_pairs(list)
  local result = {}
  for i, pair in ipairs(list) do
    local name, value = escape(pair[1]), escape(pair[2])
    result[i] = { name, value, host.hex(name) .. " " .. host.hex(value) }
  end
  table.sort(result, function(a, b) return a[3] < b[3] end)
  return result
end

local function join(list)
  local out = {}
  for i, pair in ipairs(list) do out[i] = pair[1] .. "=" .. pair[2] end
  return table.concat(out, "&")
end

--- @param what table method, path (decoded), pairs (decoded, no signature), headers { name, value }
local function canonical_request(what)
  local lines, names = {}, {}
  for i, header in ipairs(what.headers) do
    lines[i] = header[1] .. ":" .. header[2] .. "\n"
    names[i] = header[1]
  end
  return table.concat({ what.method, escape(what.path, "/"), join(escaped_pairs(what.pairs)),
    table.concat(lines), table.concat(names, ";"), "UNSIGNED-PAYLOAD" }, "\n")
end

local function signature(credentials, date, request)
  local day = date:sub(1, 8)
  local scope = table.concat({ day, credentials.region, credentials.service, "aws4_request" }, "/")
  local text = table.concat({ ALGORITHM, date, scope, host.hex(host.sha256(request)) }, "\n")
  local key = "AWS4" .. credentials.secret
  for part in scope:gmatch("[^/]+") do key = host.hmac_sha256(key, part) end
  return host.hex(host.hmac_sha256(key, text))
end

local function scope_of(credentials, day)
  return ("%s/%s/%s/%s/aws4_request"):format(credentials.access_key, day, credentials.region,
    credentials.service)
end

--- A presigned URL.
---@param credentials table access_key, secret, region, service
---@param link table method, scheme, host, path (decoded), at (unix seconds), expires (seconds),
--- operation (x-id, may be nil)
---@return string url
function sigv4.presign(credentials, link)
  local date = os.date("!%Y%m%dT%H%M%SZ", math.floor(link.at))
  local list = {
    { "X-Amz-Algorithm", ALGORITHM },
    { "X-Amz-Credential", scope_of(credentials, date:sub(1, 8)) },
    { "X-Amz-Date", date },
    { "X-Amz-Expires", tostring(link.expires) },
    { "X-Amz-SignedHeaders", "host" },
  }
  if link.operation then list[#list + 1] = { "x-id", link.operation } end
  local request = canonical_request {
    method = link.method, path = link.path, pairs = list, headers = { { "host", link.host } },
  }
  return ("%s://%s%s?%s&X-Amz-Signature=%s"):format(link.scheme, link.host,
    escape(link.path, "/"), join(escaped_pairs(list)), signature(credentials, date, request))
end

--- Days since 1970 of a date of the proleptic Gregorian calendar.
local function days(year, month, day)
  if month <= 2 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5
    + day - 719469
end

local function unix_time(date)
  local year, month, day, hour, minute, second =
    date:match("^(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(%d%d)Z$")
  if not year then return nil end
  return days(tonumber(year), tonumber(month), tonumber(day)) * 86400
    + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
end

local function split_signature(list)
  local fields, signed = {}, {}
  for _, pair in ipairs(list) do
    fields[pair[1]] = pair[2]
    if pair[1] ~= "X-Amz-Signature" then signed[#signed + 1] = pair end
  end
  return fields, signed
end

local function bad_parameters(message)
  return answers.storage_error(400, "AuthorizationQueryParametersError", message)
end

local NEEDED = { "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
  "X-Amz-SignedHeaders", "X-Amz-Signature" }

local function check_parameters(fields)
  for _, name in ipairs(NEEDED) do
    if not fields[name] then
      return bad_parameters("Query-string authentication version 4 requires the X-Amz-Algorithm, "
        .. "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
        .. "X-Amz-Expires parameters.")
    end
  end
  if fields["X-Amz-Algorithm"] ~= ALGORITHM then
    return bad_parameters('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"')
  end
  local expires = math.tointeger(tonumber(fields["X-Amz-Expires"]))
  if not expires or expires < 1 or expires > LONGEST then
    return bad_parameters("X-Amz-Expires must be between 1 and 604800 seconds")
  end
  if not unix_time(fields["X-Amz-Date"]) then
    return bad_parameters("X-Amz-Date must be in the ISO8601 Long Format "
      .. [["yyyyMMdd'T'HHmmss'Z'"]])
  end
  return nil
end

local function check_credential(credentials, fields)
  local given = fields["X-Amz-Credential"]
  if given:match("^[^/]*") ~= credentials.access_key then
    return answers.storage_error(403, "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.")
  end
  if given ~= scope_of(credentials, fields["X-Amz-Date"]:sub(1, 8)) then
    return bad_parameters("Error parsing the X-Amz-Credential parameter; the scope is wrong")
  end
  return nil
end

local function check_time(fields, now)
  local from = unix_time(fields["X-Amz-Date"])
  local expires = from + tonumber(fields["X-Amz-Expires"])
  if now < from - SKEW then
    return answers.storage_error(403, "AccessDenied", "Request is not valid yet")
  end
  if now < expires then return nil end
  return answers.storage_error(403, "AccessDenied", "Request has expired",
    "X-Amz-Expires", fields["X-Amz-Expires"],
    "Expires", os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(expires)),
    "ServerTime", os.date("!%Y-%m-%dT%H:%M:%SZ", math.floor(now)))
end

local function signed_headers(request, names)
  local list, has_host = {}, false
  for name in names:gmatch("[^;]+") do
    local value = (request.headers[name] or ""):match("^%s*(.-)%s*$"):gsub("%s+", " ")
    list[#list + 1] = { name, value }
    has_host = has_host or name == "host"
  end
  return has_host and list or nil
end

local function check_signature(credentials, request, fields, signed)
  local headers = signed_headers(request, fields["X-Amz-SignedHeaders"])
  local wanted = headers and signature(credentials, fields["X-Amz-Date"], canonical_request {
    method = request.method, path = request.path, pairs = signed, headers = headers,
  })
  if wanted == fields["X-Amz-Signature"] then return nil end
  return answers.storage_error(403, "SignatureDoesNotMatch", "The request signature we calculated "
    .. "does not match the signature you provided. Check your key and signing method.")
end

--- Checks a request against the link's signature.
---@param credentials table
---@param request table method, path, raw_query, headers
---@param now number unix seconds
---@return novita.emulator.Answer? refusal nil where all is right
function sigv4.refusal(credentials, request, now)
  if request.headers.authorization then
    return answers.storage_error(400, "InvalidArgument", "Only one auth mechanism allowed; only "
      .. "the X-Amz-Algorithm query parameter, Signature query string parameter or the "
      .. "Authorization header should be specified", "ArgumentName", "Authorization")
  end
  if request.raw_query == "" then
    return answers.storage_error(403, "AccessDenied", "Access Denied")
  end
  local fields, signed = split_signature(query.pairs(request.raw_query))
  return check_parameters(fields) or check_credential(credentials, fields)
    or check_time(fields, now) or check_signature(credentials, request, fields, signed)
end

return sigv4
