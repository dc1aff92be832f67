--- Checks a presigned link like the storage: parameters, credential, time, signature.

local responses = require "novita.service.responses"
local query = require "novita.service.query"
local sigv4 = require "novita.service.sigv4"

local LONGEST = 604800 -- the longest validity in seconds
local SKEW = 900 -- seconds that a date may be in the future

local link_check = {}

--- Days since 1970 of a date in the proleptic Gregorian calendar.
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
  return responses.storage_error(400, "AuthorizationQueryParametersError", message)
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
  if fields["X-Amz-Algorithm"] ~= sigv4.algorithm then
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
    return responses.storage_error(403, "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.")
  end
  if given ~= sigv4.credential(credentials, fields["X-Amz-Date"]:sub(1, 8)) then
    return bad_parameters("Error parsing the X-Amz-Credential parameter; the scope is wrong")
  end
  return nil
end

local function check_time(fields, now)
  local from = unix_time(fields["X-Amz-Date"])
  local expires = from + tonumber(fields["X-Amz-Expires"])
  if now < from - SKEW then
    return responses.storage_error(403, "AccessDenied", "Request is not valid yet")
  end
  if now < expires then return nil end
  return responses.storage_error(403, "AccessDenied", "Request has expired",
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
  local wanted = headers and sigv4.signature(credentials, fields["X-Amz-Date"], {
    method = request.method, path = request.path, pairs = signed, headers = headers,
  })
  if wanted == fields["X-Amz-Signature"] then return nil end
  return responses.storage_error(403, "SignatureDoesNotMatch",
    "The request signature we calculated "
    .. "does not match the signature you provided. Check your key and signing method.")
end

--- Checks a request against the link's signature.
---@param credentials table
---@param request table method, path, raw_query, headers
---@param now number unix seconds
---@return novita.service.Response? refusal nil if the link is valid
function link_check.refusal(credentials, request, now)
  if request.headers.authorization then
    return responses.storage_error(400, "InvalidArgument", "Only one auth mechanism allowed; only "
      .. "the X-Amz-Algorithm query parameter, Signature query string parameter or the "
      .. "Authorization header should be specified", "ArgumentName", "Authorization")
  end
  if request.raw_query == "" then
    return responses.storage_error(403, "AccessDenied", "Access Denied")
  end
  local fields, signed = split_signature(query.pairs(request.raw_query))
  return check_parameters(fields) or check_credential(credentials, fields)
    or check_time(fields, now) or check_signature(credentials, request, fields, signed)
end

return link_check
