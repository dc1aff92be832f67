--- Photos of people for specs, made of the fixtures in spec/fixtures/faces, and how a photo is
--- reduced for the network.

local Canvas = require "novita.image.canvas"
local files = require "support.files"
local image = require "novita.image"

local SPEC <const> = debug.getinfo(1, "S").source:match "^@(.*)support/faces/"
local FOLDER <const> = SPEC .. "fixtures/faces/"

local face_photos = {}

local function load(name)
  return assert(image.decode({ path = FOLDER .. name }, { channels = 3 }))
end

--- The path of a fixture.
---@param name string
---@return string
function face_photos.path(name)
  return FOLDER .. name
end

-- A gray page with photos pasted on it.
local function page(width, height, photos)
  local canvas = assert(Canvas.new(width, height, 3)):fill(0, 0, width, height, 120, 130, 140)
  for _, photo in ipairs(photos) do
    canvas:paste(photo.image, photo.x, photo.y)
  end
  return canvas
end

local makers = {}

function makers.astronaut()
  return load "astronaut.jpg"
end

function makers.photographer()
  return load "photographer.jpg"
end

--- Higher than wide: the network's square input has an empty part.
function makers.portrait()
  local crop = { x = 70, y = 0, width = 300, height = 512 }
  return assert(load("astronaut.jpg"):resize { width = 300, height = 512, crop = crop })
end

--- Two faces of different sizes.
function makers.group()
  local astronaut = load "astronaut.jpg"
  return page(960, 640, {
    { image = assert(astronaut:resize { size = 360 }), x = 560, y = 200 },
    { image = astronaut, x = 20, y = 60 },
  })
end

--- One face that is small in a large photo.
function makers.distant()
  return page(1200, 900, {
    { image = assert(load("astronaut.jpg"):resize { size = 420 }), x = 500, y = 300 },
  })
end

face_photos.names = { "astronaut", "photographer", "portrait", "group", "distant" }

--- A photo by its name.
---@param name string one of face_photos.names
---@return novita.Image
function face_photos.make(name)
  return makers[name]()
end

--- The photo as a JPEG that is stored lying: EXIF says how to turn it upright.
---@param photo novita.Image RGB
---@return string
function face_photos.lying(photo)
  -- orientation 8: row 0 as stored is displayed at the left, and column 0 at the bottom
  local bytes, pixels = photo:bytes(), {}
  for x = 0, photo.width - 1 do
    for y = photo.height - 1, 0, -1 do
      local at = (y * photo.width + x) * 3
      pixels[#pixels + 1] = bytes:sub(at + 1, at + 3)
    end
  end
  local stored = assert(Canvas.new(photo.height, photo.width, 3, table.concat(pixels)))
  return files.jpeg_with_exif(stored:encode { quality = 100 }, files.exif(8))
end

--- A gray page with the astronaut on it: a face is 0.22 of its side.
---@param width integer
---@param height integer
---@param x integer of the astronaut
---@param y integer
---@param side? integer of the astronaut, default 512
---@return novita.Canvas
function face_photos.placed(width, height, x, y, side)
  local astronaut = load "astronaut.jpg"
  if side then
    astronaut = assert(astronaut:resize { size = side })
  end
  return page(width, height, { { image = astronaut, x = x, y = y } })
end

--- The photo as the core reduces it: its longer side has `side` pixels.
---@param photo novita.Image RGB
---@param side integer
---@return novita.Image
function face_photos.reduce(photo, side)
  return assert(photo:resize { width = side, height = side, fit = "inside" })
end

return face_photos
