--- Files of the checkout, and processes.

local files = {}

---@param path string
---@return string
function files.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

---@param path string
---@param text string
function files.write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

--- The lines that a command prints.
---@param command string
---@return string[]
function files.lines(command)
  local pipe <close> = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do
    list[#list + 1] = line
  end
  return list
end

--- A string as one word of a shell command.
---@param text string
---@return string
function files.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Files of the checkout, new ones too, that match a pattern of git's.
---@param pattern string
---@return string[]
function files.of_checkout(pattern)
  local list = "git ls-files --cached --others --exclude-standard -- "
  return files.lines(list .. files.quote(pattern))
end

--- A new folder that is gone when the variable's scope is left.
function files.scratch()
  local path = files.lines("mktemp -d")[1]
  return setmetatable({ path = path }, {
    __close = function()
      os.execute("rm -rf " .. files.quote(path))
    end,
  })
end

return files
