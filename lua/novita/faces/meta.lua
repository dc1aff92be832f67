---@meta novita.faces.core
-- Declares the C module of the rock novita-faces for editors and for docs/api. Nothing requires
-- this file. Scripts use novita.image.faces.
-- luacheck: ignore 212 241 431

local network = {}

--- Makes a detector of the network's weights.
---@param bytes string 193321 bytes
---@param kernels? "scalar"|"avx2"|"neon" default: the best of this processor
---@return novita.faces.Detector? detector nil if the length is wrong or the processor does not have
--- these kernels
function network.detector(bytes, kernels) end

---@class novita.faces.Detector
local detector = {}

--- Finds faces in an image. For specs and benchmarks: the core runs the detector itself.
---@param rgb string width * height * 3 samples
---@param width integer pixels, at most `side`
---@param height integer pixels, at most `side`
---@param side integer pixels of the network's square input, a multiple of 32
---@return number[][] faces best first: { x, y, width, height, score }
function detector:find(rgb, width, height, side) end

--- Runs the network. For specs and benchmarks: the core runs the detector itself.
---@param rgb string width * height * 3 samples
---@param width integer pixels, at most `side`
---@param height integer pixels, at most `side`
---@param side integer pixels of the network's square input, a multiple of 32
---@return string values 32 floats for each cell of 32 x 32 pixels
function detector:values(rgb, width, height, side) end

--- The kernels (inner loops) in use.
---@return "scalar"|"avx2"|"neon"
function detector:kernels() end

return network
