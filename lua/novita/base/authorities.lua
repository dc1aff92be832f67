--- Finds the certificate authorities to trust: those that the user names, else those of the
--- variables that curl and OpenSSL know, else the system's.

local environment = require "novita.base.environment"

local authorities = {}

---@class novita.Authorities
---@field file? string a file in PEM; without `file` and `dir`: the system's
---@field dir? string a folder as OpenSSL's `c_rehash` makes it
---@field source string where that is from, for people

--- Named authorities replace the system's, wherever they are named.
---@param file? string the option `ca_file`
---@return novita.Authorities
function authorities.find(file)
  if file then
    return { file = file, source = file }
  end
  local bundle = environment.get "CURL_CA_BUNDLE"
  if bundle then
    return { file = bundle, source = bundle .. " (CURL_CA_BUNDLE)" }
  end
  local of_openssl = environment.get "SSL_CERT_FILE"
  local dir = environment.get "SSL_CERT_DIR"
  local parts = {}
  if of_openssl then
    parts[#parts + 1] = of_openssl .. " (SSL_CERT_FILE)"
  end
  if dir then
    parts[#parts + 1] = dir .. " (SSL_CERT_DIR)"
  end
  return { file = of_openssl, dir = dir,
    source = parts[1] and table.concat(parts, " and ") or "the system's" }
end

return authorities
