--- Finds the known name that a mistyped name probably stands for.

local ascii = require "novita.base.ascii"

local function first_row(word)
  local row = {}
  for column = 0, #word do
    row[column] = column
  end
  return row
end

local function swapped(one, index, word, column)
  return index > 1
    and column > 1
    and one:byte(index) == word:byte(column - 1)
    and one:byte(index - 1) == word:byte(column)
end

local function next_row(one, index, word, above, above_that)
  local row = { [0] = index }
  for column = 1, #word do
    local change = one:byte(index) == word:byte(column) and 0 or 1
    row[column] =
      math.min(above[column] + 1, row[column - 1] + 1, above[column - 1] + change)
    if swapped(one, index, word, column) then
      row[column] = math.min(row[column], above_that[column - 2] + 1)
    end
  end
  return row
end

-- The number of typing slips between two words: a letter added, dropped, replaced, or two letters
-- swapped (optimal string alignment). Time is proportional to the product of the lengths.
local function distance(one, word)
  local above_that, row = nil, first_row(word)
  for index = 1, #one do
    above_that, row = row, next_row(one, index, word, row, above_that)
  end
  return row[#word]
end

local longest = 64 -- names are short: a longer word is not a typing slip

-- The only known name that ends in the written word, as api_key in key.
local function with_last_word(written, known)
  local found
  for _, name in ipairs(known) do
    local last = name:match "_([^_]+)$"
    if last and ascii.lower(last) == ascii.lower(written) then
      if found then
        return nil
      end
      found = name
    end
  end
  return found
end

-- Models are known without the ending of their files.
local function stem_of(name)
  return (name:gsub("%.safetensors$", ""))
end

--- Finds the known name closest to a written one, if it is close enough to be a slip, or a part of
--- the name.
---@param written string
---@param known string[]
---@param aliases? table<string, string> known names by other ones that are in use, in lower case
---@return string? name nil if no name is close
local function did_you_mean(written, known, aliases)
  local alias = aliases and aliases[stem_of(ascii.lower(written))]
  if alias then
    return alias
  end
  local best, best_distance
  written = stem_of(written)
  for _, name in ipairs(known) do
    local apart = #written <= longest and distance(ascii.lower(written), ascii.lower(name))
    if apart and apart <= math.max(#name // 3, 1) and apart < (best_distance or math.huge) then
      best, best_distance = name, apart
    end
  end
  return best or with_last_word(written, known)
end

return did_you_mean
