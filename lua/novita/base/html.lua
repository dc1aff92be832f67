--- Builds HTML. All text from outside is escaped by `text`.

local core = require "novita.core"
local printable = require "novita.base.printable"

local html = {}

local entities = {
  ["&"] = "&amp;",
  ["<"] = "&lt;",
  [">"] = "&gt;",
  ['"'] = "&quot;",
  ["'"] = "&#39;",
}

--- Escapes text for elements and quoted attributes.
---@param value any
---@return string
function html.text(value)
  return (printable.text(value):gsub("[&<>\"']", entities))
end

--- Fills a template: {{name}} is escaped, {{{name}}} is HTML already.
---@param template string
---@param values table<string, any>
---@return string
function html.fill(template, values)
  local function value_of(name)
    local value = values[name]
    assert(value ~= nil, name)
    return value
  end
  return (template:gsub("{(%b{})}", function(braced)
    local raw = braced:match "^{{(%w+)}}$"
    if raw then
      return tostring(value_of(raw))
    end
    return html.text(value_of(braced:match "^{(%w+)}$"))
  end))
end

--- An image as a data: URL.
---@param bytes string
---@param format "jpeg"|"png"|"webp"
---@return string
function html.image(bytes, format)
  return ("data:image/%s;base64,%s"):format(format, core.base64(bytes))
end

return html
