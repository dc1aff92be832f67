--- Saves generated images and other results into files.

local core = require "novita.core"
local errors = require "novita.base.error"
local generated_file = require "novita.dataset.generated_file"
local interruptible = require "novita.cli.interruptible"
local json = require "novita.cli.json"
local make_folder = require "novita.base.make_folder"
local exit_status = require "novita.cli.exit_status"
local wait_command = require "novita.cli.wait_command"

local save = {}

--- Creates a folder if it does not exist. Raises if that fails.
---@param folder string
function save.folder(folder)
  local made, why = make_folder(folder)
  if not made then
    exit_status.wrong("%s is not a folder and cannot be created: %s", folder, why or "no name")
  end
end

-- Replaces what is left of an earlier call; neither way follows a symbolic link.
local function create(part, private)
  if private then
    os.remove(part)
    return core.create_private_file(part)
  end
  return core.create_file(part)
end

local function write(part, bytes, private)
  local made, why = create(part, private)
  if not made then
    return nil, why
  end
  local file
  file, why = io.open(part, "r+b")
  if not file then
    return nil, why
  end
  local ok
  ok, why = file:write(bytes)
  local closed, why_closed = file:close()
  return ok and closed, why or why_closed
end

--- Writes a file completely or not at all. Raises if that fails.
---@param path string
---@param bytes string
---@param private? boolean only its owner can read it
function save.bytes(path, bytes, private)
  local part = path .. ".part"
  local ok, why = write(part, bytes, private)
  if ok then
    ok, why = os.rename(part, path)
  end
  if not ok then
    os.remove(part)
    -- what stands before a colon is the name of the part
    local reason = tostring(why):match "[^:]*$":gsub("^ ", "")
    error(errors.new {
      kind = "file",
      code = "write",
      message = ("%s cannot be written: %s"):format(path, reason),
    }, 0)
  end
end

-- Makes an identifier from the service safe as a part of a file name: no slashes, no dots.
local function file_name(text)
  return (text:gsub("[^%w%-_]", "_"))
end

local function download(ui, images, folder)
  local files, name = {}, generated_file.stem(file_name(images.task_id))
  local stem = ("%s/%s"):format(folder:gsub("(.)/+$", "%1"), name)
  for i, image in ipairs(images) do
    local ending = file_name(image.image_type or "png")
    local path = generated_file.path(stem, i, ending)
    files[i] = assert(image:save(path))
    ui:print("saved %s", path)
  end
  return files
end

--- Downloads the images of a task and shows their paths. A signal ends it.
---@param ui novita.cli.Ui
---@param images novita.GeneratedImage[]
---@param folder string
---@return integer status
function save.images(ui, images, folder)
  save.folder(folder)
  local files = interruptible(ui, function()
    return download(ui, images, folder)
  end, ("interrupted; `%s` saves the images"):format(wait_command(images.task_id, "image")))
  ui:result { task_id = images.task_id, seed = images.seed, files = json.list(files) }
  return exit_status.ok
end

return save
