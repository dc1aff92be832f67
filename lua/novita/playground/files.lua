--- The photos, images and models that a request may get: those that the app knows by their ids.

local responses = require "novita.playground.responses"

local files = {}

local function attachment(name)
  return ('attachment; filename="%s"'):format(name:gsub("[^%w._-]", "_"))
end

local finders = {}

function finders.thumb(app, id)
  local photo = app.photos:get(id)
  return photo and photo.thumb
end

function finders.cover(app, id)
  return app.trainings:cover(id)
end

function finders.image(app, id)
  return app.gallery:file(id)
end

--- The same, to be saved.
function finders.save(app, id)
  local file = app.gallery:file(id) or app.models:file(id) or app.trainings:report_file(id)
  return file, file and attachment(file.name)
end

--- The file of a path such as /thumb/0123456789abcdef.
---@param app novita.playground.App
---@param path string
---@return novita.service.Response?
function files.find(app, path)
  local kind, id = path:match "^/(%l+)/(%x+)$"
  local finder = finders[kind or ""]
  local file, disposition = nil, nil
  if finder then
    file, disposition = finder(app, id)
  end
  if not file then
    return nil
  elseif disposition then
    return responses.file(file, "Content-Disposition", disposition)
  end
  return responses.file(file)
end

return files
