--- The cards of models: reads them, and makes the params of the same job. A card is a file from
--- somewhere, so nothing in it is trusted.

local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local json = require "novita.json"
local photo_paths = require "novita.batch.journal.photo_paths"
local lfs = require "lfs"
local whole_numbers = require "novita.json.whole_numbers"

local SIZE_MOST <const> = 4 * 1024 * 1024 -- bytes of a card
local VERSION <const> = 1

local cards = {}

local function refuse(path, text, ...)
  return nil, errors.new { kind = "file", code = "card",
    message = ("%s: "):format(files.shown(path)) .. text:format(...) }
end

-- A name must not lead out of the folder that the user names.
local function are_photos(list)
  for _, photo in ipairs(type(list) == "table" and list or { false }) do
    local name = type(photo) ~= "table" and "/" or photo.name or ""
    if type(name) ~= "string" or name:find "/" or type(photo.path or "") ~= "string" then
      return false
    end
  end
  return true
end

local function is_request(value)
  return type(value) == "table" and type(value.expert_setting or {}) == "table"
end

local function is_card(value)
  return type(value) == "table" and math.type(value.card) == "integer"
    and is_request(value.request) and are_photos(value.photos)
    and type(value.file) == "string" and not value.file:find "/"
    and type(value.sha256) == "string" and type(value.name) == "string"
    and (value.task_type == "subject" or value.task_type == "style")
end

--- Reads a card.
---@param path string
---@return table? card
---@return novita.Error? err
function cards.read(path)
  local text, err = files.read_needed(path, SIZE_MOST)
  if not text then
    return nil, err
  end
  local value = whole_numbers((json.decode(text)))
  if not is_card(value) then
    return refuse(path, "it is not the card of a model")
  elseif value.card > VERSION then
    return refuse(path, "it was written by a newer novita (%d, this one reads %d)", value.card,
      VERSION)
  end
  return value
end

-- {====== the same job ======

--- The box of a photo as an option.
---@param crop table of a card
---@return novita.Crop
function cards.box(crop)
  return { x = crop.x, y = crop.y, width = crop.width, height = crop.height }
end

-- The photos as a list of images, each with its caption.
local function images_of(card, folder)
  local images, items = {}, card.request.image_dataset_items
  for position, photo in ipairs(card.photos) do
    local item = type(items) == "table" and items[position]
    item = type(item) == "table" and item or {}
    local path = folder and photo.name and folder .. "/" .. photo.name or photo.path
    images[position] = { path = path, assets_id = not path and photo.assets_id or nil,
      caption = item.caption }
  end
  return images
end

--- The params of the job that a card describes: the fields that were sent, and the photos. How each
--- photo is cut: see novita.cards.match_photos.
---@param card table
---@param folder? string where its photos are now
---@return table params for novita.batch or client:train
function cards.params(card, folder)
  local params = {}
  for name, value in pairs(card.request) do
    if name ~= "expert_setting" and name ~= "image_dataset_items" then
      params[name] = value
    end
  end
  for name, value in pairs(card.request.expert_setting or {}) do
    params[name] = value
  end
  if type(params.components) == "table" and next(params.components) == nil then
    params.components = nil
  end
  params.name, params.task_type = card.name, card.task_type
  params.prepare, params.crop = card.prepare, card.crop
  params.images = images_of(card, folder and photo_paths.absolute(folder, lfs.currentdir()))
  return params
end

-- }======

return cards
