--- The message for a field or an option that does not exist. csrc/lua/option.c calls this too.

local did_you_mean = require "novita.schema.did_you_mean"
local format = require "novita.schema.format"

local function in_path(path, name)
  return path == "" and name or path .. "." .. name
end

--- Such as "widht is not a field of a training: did you mean width?"
---@param name string the unknown name
---@param names string[] the known names
---@param path string where the table is, "" for the whole
---@param rule { noun?: string, member?: "field"|"option" } what the names belong to
---@return string
local function unknown_name(name, names, path, rule)
  local member = rule.member or "field"
  local suggestion = did_you_mean(name, names)
  return ("%s is not %s %s%s: %s"):format(
    in_path(path, name:find "^[%w_]+$" and name or format.text(name)),
    member == "option" and "an" or "a",
    member,
    rule.noun and " of " .. rule.noun or "",
    suggestion and ("did you mean %s?"):format(in_path(path, suggestion))
      or ("the %ss are %s"):format(member, table.concat(names, ", "))
  )
end

return unknown_name
