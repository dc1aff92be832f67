--- One generated image: its link at the storage, and how to download it.

local methods = require "novita.base.methods"
local read_nsfw = require "novita.api.nsfw_detection"
local response = require "novita.http.response"
local errors = require "novita.base.error"
local ops = require "novita.async.op"
local caller = require "novita.async.caller"
local coerce = require "novita.json.coerce"
local usage_error = require "novita.schema.usage_error"

local LARGEST <const> = 256 * 1024 * 1024 -- bytes; the largest image has 16 megapixels
local SECONDS <const> = 600

-- A presigned link opens the image to anyone who reads it, so no field holds it.
local links = setmetatable({}, { __mode = "k" })

-- The type becomes part of file names, so it is one of these words or nil.
local formats = { png = "png", jpeg = "jpeg", webp = "webp" }

---@class novita.GeneratedImage
---@field image_type? string "png", "jpeg" or "webp"
---@field image_url_ttl? number seconds for which the link is valid, from its creation
---@field nsfw_detection_result? { valid?: boolean, confidence?: number } if it was requested
local GeneratedImage = { __name = "novita.GeneratedImage" }
GeneratedImage.__index = GeneratedImage

---@param client novita.Client that downloads it
---@param entry table one entry of the response's `images`
---@package
function GeneratedImage.new(client, entry)
  local image = setmetatable({
    client = client,
    image_type = formats[entry.image_type],
    image_url_ttl = coerce.number(entry.image_url_ttl),
    nsfw_detection_result = read_nsfw(entry.nsfw_detection_result),
  }, GeneratedImage)
  links[image] = coerce.word(entry.image_url)
  return image
end

function GeneratedImage:__tostring()
  return ("novita.GeneratedImage (%s)"):format(self.image_type or "unknown type")
end

--- The link itself. It is a secret: anyone who has it can download the image.
---@return string
function GeneratedImage:url()
  return links[self]
end

local function no_link()
  local message = "the image came without a link"
  return errors.new { kind = "protocol", code = "no_link", message = message }
end

-- A page or an error with status 200, or nothing. The C core checks the same for `save`.
local function no_image()
  return errors.new {
    kind = "protocol",
    code = "not_an_image",
    message = "download an image: the storage sent something else",
  }
end

--- Downloads the image into a file. The file appears whole or not at all, and replaces an existing
-- file of that name.
---@param path string
---@param timeout? number seconds, default 600
---@return string? path
---@return novita.Error? err
function GeneratedImage:save(path, timeout)
  if type(path) ~= "string" or path == "" or path:find "\0" then
    error(usage_error.wrong_value("path", "the name of a file", path), 2)
  end
  caller.check_timeout(timeout)
  if not links[self] then
    return nil, no_link()
  end
  local saved, err = ops.await(self.client.loop, function(future)
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

--- Downloads the image into memory.
---@param timeout? number seconds, default 600
---@return string? bytes
---@return novita.Error? err
function GeneratedImage:bytes(timeout)
  caller.check_timeout(timeout)
  if not links[self] then
    return nil, no_link()
  end
  local raw, err = ops.await(self.client.loop, function(future)
    return self.client.core:request(future, {
      url = links[self],
      limit = LARGEST,
      timeout = timeout or SECONDS,
    })
  end)
  if not raw then
    return nil, response.refine("download an image", err)
  end
  if raw.status ~= 200 then
    return nil, response.refusal("download an image", raw)
  end
  if not raw.body:find "^%s*[^%s<{]" then
    return nil, no_image()
  end
  return raw.body
end

methods.need_colon(GeneratedImage, "generated_image", { "url", "save", "bytes" })

return GeneratedImage
