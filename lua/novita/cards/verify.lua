--- Holds the files of models against their cards.

local cards = require "novita.cards"
local keep = require "novita.batch.models.keep"
local lfs = require "lfs"
local names = require "novita.batch.models.names"

---@class novita.cards.Verified
---@field file string
---@field state "same"|"other"|"missing"|"unreadable"|"no_card"
---@field reason? string

local function verify_card(folder, name, loop)
  local card, err = cards.read(folder .. "/" .. name)
  if not card then
    return err.code ~= "card" and { file = name, state = "unreadable", reason = err.message } or nil
  end
  local path = folder .. "/" .. card.file
  if lfs.attributes(path, "mode") ~= "file" then
    return { file = card.file, state = "missing", reason = "the file of a card is not there" }
  end
  local hex, size = keep.sha256(path, loop)
  if not hex then
    return { file = card.file, state = "unreadable", reason = size.message }
  elseif hex ~= card.sha256 then
    return { file = card.file, state = "other", reason = size ~= card.bytes
      and ("it has %d bytes, its card says %s"):format(size, card.bytes)
      or "its SHA-256 is another one than the card says" }
  end
  return { file = card.file, state = "same" }
end

local function sorted_names(folder)
  local list = {}
  for name in lfs.dir(folder) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

--- Checks all models in a folder.
---@param folder string an existing one
---@param loop novita.async.Loop
---@return novita.cards.Verified[] in the order of the names
return function(folder, loop)
  local list, seen = {}, {}
  local all = sorted_names(folder)
  for _, name in ipairs(all) do
    local found = name:find "%.json$" and verify_card(folder, name, loop)
    if found then
      list[#list + 1], seen[found.file] = found, true
    end
  end
  for _, name in ipairs(all) do
    if name:find "%.safetensors$" and not seen[name] then
      list[#list + 1] = { file = name, state = "no_card",
        reason = ("%s is not there"):format(names.beside(name, ".json")) }
    end
  end
  return list
end
