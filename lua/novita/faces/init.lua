--- The face detector of the rock novita-faces. Scripts use novita.image.faces, which finds it.

local core = require "novita.core"
local failure = require "novita.base.error"
local network = require "novita.faces.core"

local _, module_path = ... -- of this file, from package.searchers

local WEIGHTS <const> = "tiny_face_detector.bin"
local SIZE <const> = 193321 -- bytes
local SHA256 <const> = "b7503ce7df31039b1c43316a9b865cab6a70dd748cc602d3fa28b551503c3871"

local faces = {}

local function unusable(code, message)
  return nil, failure.new { kind = "file", code = code,
    message = message .. ": install novita-faces again" }
end

-- One byte more than the file has: a longer file is not read to its end.
local function read_weights(path)
  local file <close> = io.open(path, "rb")
  local bytes = file and file:read(SIZE + 1)
  if not bytes then
    return unusable("not_found", ("the weights of the face detector cannot be read (%s)")
      :format(path))
  elseif #bytes ~= SIZE or core.sha256():add(bytes):hex() ~= SHA256 then
    return unusable("corrupt", ("the weights of the face detector are damaged (%s)"):format(path))
  end
  return bytes
end

--- Reads the network's weights and makes the detector, which the C core runs on its workers.
---@param path? string of the weights; default: beside this file
---@return novita.faces.Detector?
---@return novita.Error? err
function faces.detector(path)
  local bytes, err = read_weights(path or (module_path or ""):gsub("[^/]*$", WEIGHTS))
  if not bytes then
    return nil, err
  end
  return network.detector(bytes)
end

return faces
