--- Reads the header of an image that is sent as it is: the service takes JPEG, PNG and WebP, while
--- photos that are prepared first may have other formats.

local failure = require "novita.base.error"
local probe = require "novita.image.probe"

local titles = { heic = "a HEIC photo", avif = "an AVIF image" }

--- As `probe`, but refuses a format that the service does not take.
---@param source novita.Source
---@return novita.Probed?
---@return novita.Error? err kind "image" or "file"
local function sendable(source)
  local facts, err = probe(source)
  if facts and titles[facts.format] then
    return nil, failure.new { kind = "image", code = "unsupported", message = ("is %s, which the "
      .. "service does not take: prepare it, or export it as JPEG, PNG or WebP")
      :format(titles[facts.format]) }
  end
  return facts, err
end

return sendable
