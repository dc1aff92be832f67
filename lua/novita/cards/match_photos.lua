--- Cuts the photos of a planned job as those of its card were: each is prepared as for the upload,
--- until its SHA-256 is that of the card. The box of the card is the last resort: a box that was
--- chosen automatically may give other pixels at its edges when it is given.

local cards = require "novita.cards"
local core = require "novita.core"
local plan = require "novita.batch.plan"
local training_photos = require "novita.client.training_photos"
local training_steps = require "novita.client.training_steps"
local usage_error = require "novita.schema.usage_error"

local PIECE <const> = 1 << 20 -- bytes hashed at a time

local function hash_of(source)
  local hash, at = core.sha256(), 0
  if source.prepared then
    return hash:add(source.prepared:bytes()):hex()
  end
  repeat
    local count = hash:add_file(source.path, at, PIECE)
    at = at + (count or 0)
  until not count or count < PIECE
  return hash:hex()
end

-- The crops that may give the photo of the card: the job's own, the word that decided, the box.
local function crops_of(photo)
  local crop = photo.crop
  if type(crop) ~= "table" then
    return { false }
  end
  local word = (crop.choice == "top" or crop.choice == "center" or crop.choice == "face")
    and crop.choice
  return word and { false, word, cards.box(crop) } or { false, cards.box(crop) }
end

-- Returns whether one of the crops gives the photo of the card, and that one, or else the last one.
local function match(item, photo, options, loop)
  local last
  for _, crop in ipairs(crops_of(photo)) do
    item.crop = crop or nil
    local source, err = training_photos.prepare(item, options, loop)
    if source then
      local hash = hash_of(source)
      training_photos.free(source)
      last = item.crop
      if hash == photo.sha256 then
        return true, last
      end
    elseif not crop then
      return nil, err
    end -- else the detector is missing here, or the box is outside: it is another photo
  end
  return false, last
end

--- Sets the crop of each photo in the params.
---@param params table of novita.cards.params; its images get a `crop`
---@param card table
---@param loop novita.async.Loop
---@return string[]? names of the photos that are not those of the card
---@return novita.Error? err a photo is missing or cannot be read
return function(params, card, loop)
  local training = plan.training(params)
  local items, err = training_steps.find_photos(training)
  if not items then
    return nil, err
  end
  local options = usage_error.raise_at_caller(1, training_photos.preparation, training)
  local others = {}
  for position, item in ipairs(items) do
    local photo = card.photos[position]
    if item.path and photo.sha256 then
      local same, crop = match(item, photo, options, loop)
      if same == nil then
        return nil, crop
      end
      params.images[position].crop = crop
      others[#others + 1] = not same and item.name or nil
    end
  end
  return others
end
