--- Finds the faces in a photo, with the optional rock novita-faces.

local failure = require "novita.base.error"

---@class novita.Face: novita.Crop
---@field score number 0.5 to 1

local faces = {}

--- Why faces cannot be found here; nil if they can.
---@return novita.Error?
function faces.missing()
  return failure.new { kind = "image", code = "no_face_detector",
    message = "no face detector is installed: luarocks install novita-faces" }
end

--- Finds the faces of a photo on a worker, and waits.
---@param _source novita.Source
---@param _options novita.PrepareOptions checked; only `limits` and `lenient` are used
---@param _loop novita.async.Loop
---@return novita.Face[]? faces the largest first; in pixels of the photo as displayed
---@return novita.Error? err
function faces.find(_source, _options, _loop)
  return nil, faces.missing()
end

--- The crop box around a face.
---@param width number of the photo as displayed
---@param height number
---@param _face novita.Crop
---@param aspect number width divided by height of the result
---@return novita.Crop
function faces.crop_box(width, height, _face, aspect)
  local w, h = math.min(width, height * aspect), math.min(height, width / aspect)
  return { x = (width - w) / 2, y = (height - h) / 2, width = w, height = h }
end

--- The head of a face: its box and 28 % above it, within the photo.
---@param face novita.Crop
---@param _width number of the photo as displayed
---@param _height number
---@return novita.Crop
function faces.head_box(face, _width, _height)
  local above = math.min(face.y, 0.28 * face.height)
  return { x = face.x, y = face.y - above, width = face.width, height = face.height + above }
end

return faces
