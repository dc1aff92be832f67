--- The C module of a database. It is in another rock: it may be missing, or may not find the
--- library of the database.

local errors = require "novita.base.error"

local driver = {}

---@param module string
---@param journal string which journal needs it
---@param options? string of `luarocks install`
---@return table?
---@return novita.Error? err code "no_driver": what to install, or why it cannot be loaded
function driver.load(module, journal, options)
  local ok, found = pcall(require, module)
  if ok then
    return found
  end
  local rock = module:gsub("%.", "-")
  local is_missing = found:find(("module '%s' not found"):format(module), 1, true)
  local why = is_missing and "luarocks install " .. rock .. (options and " " .. options or "")
    or "it cannot be loaded: " .. found:match "[^\n]*"
  return nil, errors.new {
    kind = "journal",
    code = "no_driver",
    message = ("%s needs the rock %s: %s"):format(journal, rock, why),
  }
end

return driver
