--- The images in an img2img request: base64, decodable, and within the documented limits.

local responses = require "novita.service.responses"
local crypto = require("novita.service.core").crypto
local sendable = require "novita.image.sendable"

local MOST_BYTES = 10 * 1024 * 1024
local MOST_TEXT = (MOST_BYTES + 2) // 3 * 4 -- the same in base64
local MOST_PIXELS = 4096 * 4096

local input_images = {}

--- The bytes; nil if the text is not base64.
---@param text string
---@return string?
function input_images.decode(text)
  -- the decoder would skip blanks and line ends
  if #text % 4 ~= 0 or not text:find("^[%w+/]+=?=?$") then return nil end
  return crypto.from_base64(text)
end

local function refused(reason, field, text)
  return nil, responses.api_error(400, reason, ("%s: %s"):format(field, text))
end

local function read(text, field)
  -- before decoding, which would block all other requests for seconds
  if #text > MOST_TEXT then
    return refused("IMAGE_FILE_EXCEEDS_MAX_SIZE", field, "the image is larger than 10 MB")
  end
  local bytes = input_images.decode(text)
  if not bytes then return refused("INVALID_IMAGE_FORMAT", field, "not base64") end
  if #bytes > MOST_BYTES then
    return refused("IMAGE_FILE_EXCEEDS_MAX_SIZE", field, "the image is larger than 10 MB")
  end
  local facts, err = sendable(bytes)
  if not facts then return refused("INVALID_IMAGE_FORMAT", field, tostring(err)) end
  if facts.width * facts.height > MOST_PIXELS then
    return refused("IMAGE_EXCEEDS_MAX_RESOLUTION", field, "more than 16 megapixels")
  end
  return bytes
end

--- The images of a request; an empty list for txt2img.
---@param order table request
---@return string[]? images bytes of files, the initial image first
---@return novita.service.Response? refusal
function input_images.read(order)
  local found, texts = {}, {}
  if order.image_base64 then texts[1] = { order.image_base64, "image_base64" } end
  for i, unit in ipairs(order.controlnet and order.controlnet.units or {}) do
    texts[#texts + 1] = { unit.image_base64, ("controlnet.units[%d].image_base64"):format(i - 1) }
  end
  for i, adapter in ipairs(order.ip_adapters or {}) do
    texts[#texts + 1] = { adapter.image_base64, ("ip_adapters[%d].image_base64"):format(i - 1) }
  end
  for i, text in ipairs(texts) do
    local bytes, refusal = read(text[1], text[2])
    if not bytes then return nil, refusal end
    found[i] = bytes
  end
  return order.image_base64 and { found[1] } or {}
end

--- Removes the images' texts from a request that is kept: they can have megabytes.
---@param order table request
function input_images.drop_texts(order)
  order.image_base64 = nil
  for _, unit in ipairs(order.controlnet and order.controlnet.units or {}) do
    unit.image_base64 = nil
  end
  for _, adapter in ipairs(order.ip_adapters or {}) do adapter.image_base64 = nil end
end

return input_images
