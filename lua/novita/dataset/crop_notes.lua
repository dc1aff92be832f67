--- Says in a line or two which part of the photos is used:
--- `crops: 8 face, 2 center (IMG_3.jpg, IMG_7.jpg)`.

local faces = require "novita.image.faces"
local files = require "novita.dataset.files"

local SHOWN_MOST <const> = 3 -- names for each choice

local WHOLE <const> = "not cropped"

local crop_notes = {}

-- Whether something is cut off.
local function is_cropped(facts)
  local crop = facts and facts.crop
  return crop and crop.width * crop.height < facts.source_width * facts.source_height
end

local function by_choice(photos)
  local groups = {}
  for _, photo in ipairs(photos) do
    local facts = photo.facts
    local choice = facts and facts.crop and (is_cropped(facts) and facts.crop.choice or WHOLE)
    if choice then
      local group = groups[choice]
      if not group then
        group = { choice = choice }
        groups[choice], groups[#groups + 1] = group, group
      end
      group[#group + 1] = files.shown(photo.name or "a photo")
    end
  end
  table.sort(groups, function(a, b)
    return #a > #b or #a == #b and a.choice < b.choice
  end)
  return groups
end

-- Whether a photo is cropped for which no crop was chosen.
local function is_guessed(photos)
  for _, photo in ipairs(photos) do
    if photo.crop == nil and is_cropped(photo.facts) then
      return true
    end
  end
  return false
end

-- The most frequent choice needs no names.
local function text_of(group, with_names)
  local text = ("%d %s"):format(#group, group.choice)
  if not with_names then
    return text
  end
  local more = #group > SHOWN_MOST and (" and %d more"):format(#group - SHOWN_MOST) or ""
  return ("%s (%s%s)"):format(text,
    table.concat(group, ", ", 1, math.min(#group, SHOWN_MOST)), more)
end

--- The lines about prepared photos; none if all are cropped in their centre, as chosen.
---@param photos novita.DatasetItem[] with `facts`
---@param automatic boolean no crop was chosen for all photos
---@return string[]
function crop_notes.of(photos, automatic)
  local notes, groups = {}, by_choice(photos)
  local is_plain = true
  for _, group in ipairs(groups) do
    is_plain = is_plain and (group.choice == "center" or group.choice == WHOLE)
  end
  for index, group in ipairs(groups) do
    groups[index] = text_of(group, index > 1 and group.choice ~= WHOLE)
  end
  if not is_plain then
    notes[1] = "crops: " .. table.concat(groups, ", ")
  end
  local missing = automatic and is_guessed(photos) and faces.missing()
  if missing then
    notes[#notes + 1] = missing.message .. ", or say with --crop where the faces are"
  end
  return notes
end

return crop_notes
