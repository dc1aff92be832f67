--- The photos of the setup: their files, thumbnails, captions and crops.

local json = require "novita.playground.json"
local lfs = require "lfs"
local novita = require "novita"

---@class novita.playground.Photo
---@field id string
---@field name string what the page calls it
---@field path string
---@field bytes integer
---@field format string
---@field width integer pixels, as displayed
---@field height integer
---@field caption? string
---@field crop? novita.Crop chosen by the user
---@field thumb? { path: string, size: integer, type: string }
---@field error? string why it cannot be used
---@field facts? novita.Prepared of the last check
---@field findings? string[]

---@class novita.playground.Photos
---@field list novita.playground.Photo[]
---@field package app novita.playground.App
---@field package by_id table<string, novita.playground.Photo>
local Photos = {}
Photos.__index = Photos

local COUNT_MOST <const> = 200
local BYTES_MOST <const> = 2 << 30 -- of all photos
local PHOTO_MOST <const> = 64 << 20 -- bytes
local NAME_MOST <const> = 200 -- bytes
local CAPTION_MOST <const> = 8192 -- bytes; the check says what the service takes
local THUMB <const> = { width = 480, height = 480, fit = "inside", format = "jpeg", quality = 82,
  chroma = 420, pass_through = false }

--- How many bytes the next photo may have.
---@return integer
function Photos:room()
  if #self.list >= COUNT_MOST then
    return 0
  end
  local used = 0
  for _, photo in ipairs(self.list) do used = used + photo.bytes end
  return math.max(0, math.min(PHOTO_MOST, BYTES_MOST - used))
end

---@param id string
---@return novita.playground.Photo?
function Photos:get(id)
  return self.by_id[id]
end

--- Whether each photo has its thumbnail, or cannot be used.
---@return boolean
function Photos:are_read()
  for _, photo in ipairs(self.list) do
    if not photo.thumb and not photo.error then return false end
  end
  return true
end

local function changed(self)
  self.app.setup:changed()
end

-- {====== thumbnails ======

local function thumb_path(self, photo)
  return self.app.folder:at("thumbs", photo.id .. ".jpg")
end

local function use_thumb(self, photo)
  local path = thumb_path(self, photo)
  local size = lfs.attributes(path, "size")
  photo.thumb = size and { path = path, size = size, type = "image/jpeg" }
  return photo.thumb
end

local function make_thumb(self, photo)
  local made, err = novita.image.prepare({ path = photo.path }, THUMB)
  if not made then
    photo.error = err.message
  elseif self.by_id[photo.id] then
    local folder = self.app.folder
    local kept = self.app:try(folder.write, folder, thumb_path(self, photo), made.bytes)
    photo.error = not (kept and use_thumb(self, photo)) and "cannot be kept" or nil
  end
  changed(self)
end

-- }======

local function insert(self, photo)
  table.insert(self.list, photo)
  self.by_id[photo.id] = photo
end

local function short(name)
  name = name:match "[^/\\]*$":gsub("%c", " ")
  return name ~= "" and name:sub(1, NAME_MOST) or "photo"
end

--- Takes a file that the page has sent.
---@param file { path: string, size: integer, name: string }
---@return { id: string }? photo
---@return novita.Error? err
function Photos:add(file)
  local facts, err = novita.image.probe { path = file.path }
  if not facts then
    os.remove(file.path)
    return nil, err
  end
  local id = self.app.folder.new_id()
  local photo = { id = id, name = short(file.name), bytes = file.size, format = facts.format,
    width = facts.width, height = facts.height,
    path = self.app.folder:at("photos", id .. "." .. facts.format) }
  assert(os.rename(file.path, photo.path))
  insert(self, photo)
  changed(self)
  self.app:spawn(make_thumb, self, photo)
  return { id = id }
end

--- Removes photos. Trainings that were started keep their copies.
---@param ids string[]
function Photos:remove(ids)
  for _, id in ipairs(ids) do
    local photo = self.by_id[id]
    for index, one in ipairs(self.list) do
      if one == photo then table.remove(self.list, index) end
    end
    self.by_id[id] = nil
    if photo then
      os.remove(photo.path)
      os.remove(thumb_path(self, photo))
    end
  end
  changed(self)
end

-- {====== captions and crops ======

-- A box that the page has drawn, within the photo.
local function box_of(photo, given)
  local x, y = tonumber(given.x), tonumber(given.y)
  local width, height = tonumber(given.width), tonumber(given.height)
  if not (x and y and width and height and width >= 1 and height >= 1) then
    error("A crop box needs x, y, width and height in pixels.", 0)
  end
  width, height = math.min(width, photo.width), math.min(height, photo.height)
  return { x = math.max(0, math.min(x, photo.width - width)),
    y = math.max(0, math.min(y, photo.height - height)), width = width, height = height }
end

--- Changes the caption or the crop of a photo; `crop = false` is the automatic one.
---@param given { id: string, caption?: string, crop?: novita.Crop|false }
function Photos:change(given)
  local photo = self.by_id[given.id]
  if not photo then
    error("This photo was removed.", 0)
  end
  if given.caption ~= nil then
    local text = tostring(given.caption):gsub("^%s+", ""):gsub("%s+$", "")
    photo.caption = text ~= "" and text:sub(1, CAPTION_MOST) or nil
  end
  if type(given.crop) == "table" then
    photo.crop = box_of(photo, given.crop)
  elseif given.crop == false then
    photo.crop = nil
  end
  changed(self)
end

-- }======

local function view_of(photo)
  local facts = photo.facts
  return { id = photo.id, name = photo.name, width = photo.width, height = photo.height,
    caption = photo.caption, crop = photo.crop, thumb = photo.thumb ~= nil, error = photo.error,
    used = facts and facts.crop and { x = facts.crop.x, y = facts.crop.y,
      width = facts.crop.width, height = facts.crop.height },
    faces = json.list(photo.faces or {}), findings = json.list(photo.findings or {}) }
end

---@return table[]
function Photos:view()
  local views = json.list {}
  for index, photo in ipairs(self.list) do views[index] = view_of(photo) end
  return views
end

local KEPT <const> = { "id", "name", "bytes", "format", "width", "height", "caption", "crop" }

--- The part of the photos that the setup keeps.
---@return table[]
function Photos:saved()
  local all = json.list {}
  for index, photo in ipairs(self.list) do
    local copy = {}
    for _, name in ipairs(KEPT) do copy[name] = photo[name] end
    all[index] = copy
  end
  return all
end

local function is_photo(saved)
  return type(saved) == "table" and tostring(saved.id):find "^%x+$"
    and tostring(saved.format):find "^%l+$" and tonumber(saved.width) and tonumber(saved.height)
    and tonumber(saved.bytes)
end

--- Finds the photos of an earlier run.
---@param all any as `saved` returned it
function Photos:load(all)
  for _, saved in ipairs(type(all) == "table" and all or {}) do
    if is_photo(saved) then
      saved.path = self.app.folder:at("photos", saved.id .. "." .. saved.format)
      if lfs.attributes(saved.path, "mode") == "file" then
        insert(self, saved)
        if not use_thumb(self, saved) then
          self.app:spawn(make_thumb, self, saved)
        end
      end
    end
  end
end

local photos = {}

---@param app novita.playground.App
---@return novita.playground.Photos
function photos.new(app)
  return setmetatable({ app = app, list = {}, by_id = {} }, Photos)
end

return photos
