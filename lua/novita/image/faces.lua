--- Finds faces with the detector of the rock novita-faces, which may be missing, and computes crop
--- boxes for them, which needs no rock.

local core = require "novita.core"
local failure = require "novita.base.error"
local ops = require "novita.async.op"

---@class novita.Face: novita.Crop the box of a face, in pixels of the photo as displayed
---@field score number how sure the detector is, 0.5 to 1

local faces = {}

local loaded -- the detector, once it is known

-- LuaRocks may have copied the Lua files of the rock without its C module.
local function is_missing(message)
  return message:find "module 'novita%.faces' not found"
    or message:find "module 'novita%.faces%.core' not found"
end

local function load_detector()
  local ok, rock = pcall(require, "novita.faces")
  if ok then
    return rock.detector()
  elseif failure.is_memory(rock) then
    error(rock, 0)
  elseif is_missing(tostring(rock)) then
    return nil, failure.new { kind = "image", code = "no_face_detector",
      message = "no face detector is installed: luarocks install novita-faces" }
  end
  return nil, failure.new { kind = "file", code = "face_detector",
    message = "the rock novita-faces cannot be loaded: install it again ("
      .. tostring(rock) .. ")" }
end

--- The detector of the rock.
---@return novita.faces.Detector?
---@return novita.Error? err
---@package
function faces.detector()
  if not loaded then
    local detector, err = load_detector()
    if not detector then
      return nil, err
    end
    loaded = detector
  end
  return loaded
end

--- Whether the rock is missing. Looks again after a failure: it may be installed by then. A damaged
--- rock is not missing: `find` reports it, so that no photo is cropped in another way instead.
---@return novita.Error? err nil if the rock is there
---@package
function faces.missing()
  local _, err = faces.detector()
  return err and err.code == "no_face_detector" and err or nil
end

--- Finds the faces of a photo on a worker and waits.
---@param source novita.Source
---@param options novita.PrepareOptions checked; `lenient` and `limits` are used
---@param loop novita.async.Loop
---@return novita.Face[]? faces the largest first; empty if it has no face
---@return novita.Error? err
---@package
function faces.find(source, options, loop)
  local detector, err = faces.detector()
  if not detector then
    return nil, err
  end
  return ops.await(loop, function(future)
    return loop:core():faces(future, source, { lenient = options.lenient,
      limits = options.limits }, detector)
  end)
end

local function box(x, y, width, height)
  return { x = x, y = y, width = width, height = height }
end

--- The crop box for a face: csrc/image/detect/face_crop.h has the rule.
---@param width integer of the photo as displayed
---@param height integer
---@param face novita.Crop inside the photo
---@param aspect number width divided by height of the result
---@return novita.Crop
---@package
function faces.crop_box(width, height, face, aspect)
  return box(core.image.face_crop(width, height, face.x, face.y, face.width, face.height, aspect))
end

--- The head of a face: its box and the hair above it, inside the photo.
---@param face novita.Crop inside the photo
---@param width integer of the photo as displayed
---@param height integer
---@return novita.Crop
---@package
function faces.head_box(face, width, height)
  return box(core.image.face_head(width, height, face.x, face.y, face.width, face.height))
end

return faces
