--- The keys of a server: each has a name, and only its hash is kept.
--
-- A key is found by a hash that needs a secret of the server, so the time of the search says
-- nothing about how much of a key is right.

local crypto = require("novita.service.core").crypto
local errors = require "novita.base.error"

local keys = {}

local LONGEST <const> = 64 -- bytes of a name

local function new_salt()
  return crypto.hex(crypto.random(32))
end

---@param store novita.server.Store
---@param key string
---@return string hash
function keys.hash(store, key)
  store.salt = store.salt or store:meta("salt", new_salt)
  return crypto.hex(crypto.hmac_sha256(store.salt, key))
end

---@param store novita.server.Store
---@param given table<string, string> the keys of all accounts, by their names
function keys.set(store, given)
  local hashes = {}
  for name, key in pairs(given) do
    hashes[name] = keys.hash(store, key)
  end
  store:set_keys(hashes, crypto.time())
end

--- Makes a key. It is nowhere but in what this returns.
---@param store novita.server.Store
---@param name string letters, digits and ._@-
---@param queue_limit? integer trainings of it that may wait; nil: the limit of the server
---@return string? key
---@return novita.Error? err
function keys.add(store, name, queue_limit)
  if #name > LONGEST or not name:find "^[%w._@-]+$" then
    return nil, errors.new { kind = "file", code = "name", message =
      ("the name of a key must be 1 to %d letters, digits or ._@-, got %s"):format(LONGEST, name) }
  end
  local key = "sk_" .. crypto.hex(crypto.random(24))
  local added = store:add_key { name = name, hash = keys.hash(store, key),
    created_at = crypto.time(), queue_limit = queue_limit }
  if not added then
    return nil, errors.new { kind = "file", code = "exists", message =
      ("%s has a key, which cannot be shown again: remove it first"):format(name) }
  end
  return key
end

return keys
