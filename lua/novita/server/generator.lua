--- Makes the images of one order, with a program or a server, and checks them: an order has
--- succeeded only if each of its images was made and can be decoded.

local failure = require "novita.server.failure"
local files = require "novita.server.files"
local generator_program = require "novita.server.generator_program"
local generator_server = require "novita.server.generator_server"
local generators = require "novita.server.generators"
local image = require "novita.image"

local failed = failure.of_a "generator"

---@class novita.server.ImageJob
---@field folder string in which it works; images are in out/
---@field order table what request.json has, see docs/server.md
---@field format "png"|"jpeg"|"webp" of the results
---@field slot integer
---@field timeout number seconds
---@field environment? table<string, string>
---@field on_progress fun(done: number) 0 to 1

local generator = {}

local IS_IMAGE <const> = { png = true, jpg = true, jpeg = true, webp = true, image = true }

local function made(folder)
  local paths = {}
  for _, name in ipairs(files.list(folder .. "/out")) do
    if IS_IMAGE[name:match "%.(%l+)$"] then
      paths[#paths + 1] = ("%s/out/%s"):format(folder, name)
    end
  end
  return paths
end

-- Decoded as a whole, on a worker, and coded in the format that was asked for.
local function check_image(job, path)
  local order = job.order
  local prepared, err = image.prepare({ path = path }, { format = job.format })
  local name = path:match "[^/]*$"
  if not prepared then
    return nil, failed("image", ("has left an unusable image: %s %s"):format(name, err.message))
  elseif prepared.width ~= order.width or prepared.height ~= order.height then
    return nil, failed("image", ("has made an image of %dx%d instead of %dx%d"):format(
      prepared.width, prepared.height, order.width, order.height))
  end
  return prepared.bytes
end

local function check_count(job, paths)
  if #paths ~= job.order.image_num then
    return failed("images", ("has left %d images in out/, but must leave %d"):format(#paths,
      job.order.image_num))
  end
end

local function check_all(job, paths)
  local images = {}
  for i, path in ipairs(paths) do
    local bytes, err = check_image(job, path)
    if not bytes then
      return nil, err
    end
    images[i] = bytes
  end
  return images
end

local function fresh_out(job)
  local done, err = files.remove(job.folder .. "/out")
  if not done then
    return nil, err
  end
  return files.make_folder(job.folder .. "/out")
end

local function run(option, job)
  local done, err = fresh_out(job)
  if not done then
    return nil, err
  end
  if generators.is_url(option) then
    return generator_server.run(option, job)
  end
  return generator_program.run(option, job)
end

--- Makes images. In a coroutine.
---@param option string|string[] the option `generator`
---@param job novita.server.ImageJob its folder exists
---@return string[]? images the bytes of each, in its format
---@return novita.Error? err kind "generator", or "file" if our own files cannot be written
function generator.run(option, job)
  local done, err = run(option, job)
  if not done then
    return nil, err
  end
  local paths = made(job.folder)
  local why = check_count(job, paths)
  if why then
    return nil, why
  end
  return check_all(job, paths)
end

return generator
