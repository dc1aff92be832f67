--- Checks the photos of the setup as the library does before a training, and keeps its findings
--- beside each photo.

local json = require "novita.playground.json"
local novita = require "novita"

local SIZE_MOST <const> = 4096 -- pixels

local function usable(photos)
  local list, items = {}, {}
  for _, photo in ipairs(photos) do
    if photo.thumb then
      list[#list + 1] = photo
      items[#items + 1] = { path = photo.path, caption = photo.caption, crop = photo.crop }
    end
  end
  return list, items
end

-- Facts of an earlier check are used again if neither the photo nor its crop has changed.
local function dataset_of(list, items)
  local set = assert(novita.dataset(items))
  for index, photo in ipairs(list) do
    set[index].name, set[index].facts = photo.name, photo.facts
  end
  return set
end

local function faces_of(facts)
  local faces = json.list {}
  for index, face in ipairs(facts and facts.faces or {}) do
    faces[index] = { x = face.x, y = face.y, width = face.width, height = face.height }
  end
  return faces
end

local function keep(photo, item)
  photo.facts = item.facts
  photo.faces = photo.crop and photo.faces or faces_of(item.facts)
  photo.findings = json.list {}
  for index, found in ipairs(item.problems) do
    photo.findings[index] = found.reason
  end
end

local function options_of(settings)
  local size = math.tointeger(tonumber(settings.size)) or 512
  size = math.max(64, math.min(size, SIZE_MOST))
  local style = settings.kind == "style"
  return { prepare = { size = size, crop = style and "center" or nil },
    prompt = settings.instance_prompt ~= "" and settings.instance_prompt or nil }
end

--- Checks the photos; waits meanwhile.
---@param photos novita.playground.Photo[]
---@param settings table
---@return string[] problems of the whole set
local function check(photos, settings)
  local list, items = usable(photos)
  local problems = json.list {}
  if not list[1] then
    return problems
  end
  local set = dataset_of(list, items)
  local report = set:check(options_of(settings))
  for index, photo in ipairs(list) do keep(photo, set[index]) end
  for _, found in ipairs(report.problems) do
    if not found.index then problems[#problems + 1] = found.text end
  end
  return problems
end

return check
