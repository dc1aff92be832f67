--- The files of the page, which are beside this module. Only the files in this list are sent.

local responses = require "novita.playground.responses"

local _, module_path = ... -- of this file, from package.searchers

local HTML <const> = "text/html; charset=utf-8"
local CSS <const> = "text/css; charset=utf-8"
local SCRIPT <const> = "text/javascript; charset=utf-8"

local TYPES <const> = { html = HTML, css = CSS, js = SCRIPT, svg = "image/svg+xml" }

local NAMES <const> = { "index.html", "style.css", "icon.svg", "app.js", "dom.js", "server.js",
  "session.js", "photos.js", "crop.js", "train.js", "images.js", "trainings.js" }

local pages = {}

local contents = {}

local function read(name)
  local folder = (module_path or ""):gsub("[^/]*$", "") .. "page/"
  local file <close> = assert(io.open(folder .. name, "rb"))
  return file:read "a"
end

for _, name in ipairs(NAMES) do
  contents[name] = read(name)
end

local function send(name, ...)
  return responses.text(200, TYPES[name:match "%l+$"], contents[name], ...)
end

--- The page itself.
---@param ... string more headers
---@return novita.service.Response
function pages.index(...)
  return send("index.html", ...)
end

--- The file of a path; nil if it is not one of them.
---@param path string
---@return novita.service.Response?
function pages.find(path)
  local name = path == "/" and "index.html" or path:match "^/app/([%l.]+)$"
  return name and contents[name] and send(name) or nil
end

return pages
