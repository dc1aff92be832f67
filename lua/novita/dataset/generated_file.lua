--- The names of images that commands and batches have generated and saved: in a folder of photos,
--- they are no photos of the subject.

local generated_file = {
  HASH = 12, -- digits of the hash in the name of a file that a batch saves
}

local UUID <const> = ("%x"):rep(8) .. ("%-" .. ("%x"):rep(4)):rep(4) .. ("%x"):rep(8)
local COMMAND <const> = "^novita%-" .. UUID .. "%-%d+%.%a+$"
local SAMPLE <const> = "%-(" .. ("[%da-f]"):rep(generated_file.HASH) .. ")%-%d+%.%a+$"

--- The start of the names of the images that a command saves, before their numbers. A batch makes
--- others: novita.batch.models.names.
---@param task_id string of the service, made safe
---@return string
function generated_file.stem(task_id)
  return "novita-" .. task_id
end

--- The path of one of several generated images.
---@param stem string their common start, with the folder
---@param number integer 1 for the first
---@param ending string such as "png"
---@return string
function generated_file.path(stem, number, ending)
  return ("%s-%d.%s"):format(stem, number, ending)
end

-- The hash of a sample image is neither a date nor the end of a UUID, by which apps name photos.
local function is_sample(name)
  local hash = name:match(SAMPLE)
  return hash ~= nil and hash:find "%a" ~= nil and not name:find("^" .. UUID)
end

--- Whether a name is that of a generated image, or of a sample image of a batch.
---@param name string
---@return boolean
function generated_file.is(name)
  return name:find(COMMAND) ~= nil or is_sample(name)
end

return generated_file
