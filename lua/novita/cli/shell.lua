--- Quotes words for a shell, so that the user can copy a command.

local shell = {}

---@param text string
---@return string
function shell.word(text)
  if not text:find "[^%w_./+,:@%-\128-\255]" then
    return text
  end
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

return shell
