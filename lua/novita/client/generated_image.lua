--- One generated picture: where it lies at the service, and how to get it home.

local response = require "novita.http.response"
local errors = require "novita.base.error"
local ops = require "novita.async.op"
local caller = require "novita.async.caller"
local coerce = require "novita.json.coerce"

local LARGEST <const> = 256 * 1024 * 1024 -- bytes; the largest picture has 16 megapixels
local SECONDS <const> = 600

-- A presigned link opens the picture to whoever reads it, so no field holds it.
local links = setmetatable({}, { __mode = "k" })

-- It becomes part of file names, so it is one of these words or none.
local formats = { png = "png", jpeg = "jpeg", webp = "webp" }

---@class novita.Shot
---@field type? string "png", "jpeg" or "webp"
---@field expires_in? number seconds for which the link was good when it was made
---@field nsfw? { valid: boolean?, confidence: number? } where detection was asked for
local Shot = { __name = "novita.Shot" }
Shot.__index = Shot

-- The page's own example has an empty object where nothing was detected.
local function verdict(value)
  value = coerce.object(value)
  local valid, confidence = coerce.boolean(value.valid), coerce.number(value.confidence)
  if valid ~= nil or confidence then
    return { valid = valid, confidence = confidence }
  end
end

---@param client? novita.Client without one it cannot be fetched
---@param image table one entry of the answer's `images`
---@package
function Shot.new(client, image)
  local shot = setmetatable({
    client = client,
    type = formats[image.image_type],
    expires_in = coerce.number(image.image_url_ttl),
    nsfw = verdict(image.nsfw_detection_result),
  }, Shot)
  links[shot] = coerce.word(image.image_url)
  return shot
end

function Shot:__tostring()
  return ("novita.Shot (%s)"):format(self.type or "picture")
end

--- The link itself. It is a secret: whoever has it can fetch the picture.
---@return string
function Shot:url()
  return links[self]
end

local function check_client(self)
  if not self.client then
    error("this picture has no client to fetch it with: give one to novita.webhook.parse", 3)
  end
end

local function no_link()
  local message = "the picture came without a link"
  return errors.new { kind = "protocol", code = "no_link", message = message }
end

-- A page or an error with status 200, or nothing: `save` looks for the same in C.
local function no_picture()
  return errors.new {
    kind = "protocol",
    code = "not_a_picture",
    message = "fetch a picture: the storage sent something else",
  }
end

--- Fetches the picture into a file that is there whole or not at all. An existing
-- file of that name is replaced.
---@param path string
---@param timeout? number seconds, default 600
---@return string? path
---@return novita.Error? err
function Shot:save(path, timeout)
  if type(path) ~= "string" or path == "" or path:find "\0" then
    error("save takes the name of a file", 2)
  end
  check_client(self)
  caller.check_timeout(timeout)
  if not links[self] then
    return nil, no_link()
  end
  local saved, err = ops.await(function(future)
    return self.client.core:download(future, {
      url = links[self],
      path = path,
      is_image = true,
      limit = LARGEST,
      timeout = timeout or SECONDS,
    })
  end)
  if not saved then
    return nil, response.refine("save " .. path, err)
  end
  return saved
end

--- Fetches the picture into memory.
---@param timeout? number seconds, default 600
---@return string? bytes
---@return novita.Error? err
function Shot:bytes(timeout)
  check_client(self)
  caller.check_timeout(timeout)
  if not links[self] then
    return nil, no_link()
  end
  local reply, err = ops.await(function(future)
    return self.client.core:request(future, {
      url = links[self],
      limit = LARGEST,
      timeout = timeout or SECONDS,
    })
  end)
  if not reply then
    return nil, response.refine("fetch a picture", err)
  end
  if reply.status ~= 200 then
    return nil, response.refusal("fetch a picture", reply)
  end
  if not reply.body:find "^%s*[^%s<{]" then
    return nil, no_picture()
  end
  return reply.body
end

return Shot
