--- Photos of people for specs, made of the fixtures in spec/fixtures/faces, and how a photo is
--- reduced for the network.

local Canvas = require "novita.image.canvas"
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

--- The photo as the core reduces it: its longer side has `side` pixels.
---@param photo novita.Image RGB
---@param side integer
---@return novita.Image
function face_photos.reduce(photo, side)
  return assert(photo:resize { width = side, height = side, fit = "inside" })
end

return face_photos
