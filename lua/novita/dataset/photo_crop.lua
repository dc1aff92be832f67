--- The crop of one photo among others: its own, or that of the options; and the default.

local ascii = require "novita.base.ascii"
local faces = require "novita.image.faces"

local photo_crop = {}

local person_words = {}
for word in ([[person people human man men woman women boy boys girl girls child children kid kids
  baby toddler lady gentleman guy male female adult teenager face portrait selfie headshot]])
  :gmatch "%S+" do
  person_words[word] = true
end

--- Whether a prompt speaks of a person, as "a photo of ohwx woman" does.
---@param prompt? string
---@return boolean
function photo_crop.is_person(prompt)
  for word in ascii.lower(prompt or ""):gmatch "%a+" do
    if person_words[word] then
      return true
    end
  end
  return false
end

--- The crop of a photo without a chosen one: around the face; without a face detector, at the top
--- if a person is trained. (A photo in landscape format loses its sides then.)
---@param person? boolean
---@return "face"|"top"|nil crop nil: the centre
function photo_crop.automatic(person)
  if not faces.missing() then
    return "face"
  end
  return person and "top" or nil
end

--- The options for one photo.
---@param item novita.DatasetItem
---@param options novita.PrepareOptions
---@return novita.PrepareOptions options the same table, if the photo has no crop
function photo_crop.options(item, options)
  if item.crop == nil then
    return options
  end
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.crop = item.crop ~= "center" and item.crop or nil
  return copy
end

return photo_crop
