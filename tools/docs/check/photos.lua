--- The folders of photos that the docs speak of: photos/anna, people/ and anna.jpg.

local files = require "check.files"

local photos = {}

local quote = files.quote

local people = { anna = { 1, 13 }, ben = { 1, 5 }, carla = { 6, 12 } }

--- Commands of shell that make the folders where they run.
---@param top string the checkout
---@param put string "ln -s" or "cp"
---@return string[]
function photos.commands(top, put)
  local list = files.lines("ls " .. quote(top) .. "/examples/photos | grep -v CREDITS")
  for i, name in ipairs(list) do
    list[i] = quote(("%s/examples/photos/%s"):format(top, name))
  end
  local lines = { "mkdir -p photos people", "cp " .. list[1] .. " anna.jpg" }
  for name, range in pairs(people) do
    lines[#lines + 1] = "mkdir people/" .. name
    local own = table.concat(list, " ", range[1], math.min(range[2], #list))
    lines[#lines + 1] = ("%s %s people/%s/"):format(put, own, name)
  end
  lines[#lines + 1] = "cp -r people/anna photos/anna"
  return lines
end

return photos
