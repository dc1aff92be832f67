--- Creates a folder and those above it.

local lfs = require "lfs"

---@param folder string
---@return boolean made true if it exists now
---@return string? why it does not
local function make_folder(folder)
  local path, why = folder:sub(1, 1) == "/" and "/" or "", nil
  for part in folder:gmatch "[^/]+" do
    path = path .. part
    local mode, reason = lfs.attributes(path, "mode"), nil
    if not mode then
      reason = select(2, lfs.mkdir(path))
    elseif mode ~= "directory" then
      reason = ("%s is a %s"):format(path, mode)
    end
    why, path = why or reason, path .. "/"
  end
  return lfs.attributes(folder, "mode") == "directory", why
end

return make_folder
