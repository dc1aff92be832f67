--- Groups the options of a long help under headings. The manual page has the same ones.

local headings = {}

-- The headings, in the order in which they are shown.
local ORDER <const> = { "Most used", "Photos", "Training", "Image", "Money", "Models and images",
  "Run", "Account", "Output" }

local LONG <const> = 15 -- options, from which a help has headings

local position = {}
for at, title in ipairs(ORDER) do
  position[title] = at
end

--- Puts the options that are added next under a heading, until the next call.
---@param command table
---@param title string
function headings.begin(command, title)
  assert(position[title], title)
  local marks = command.novita_marks or {}
  command.novita_marks, marks[#marks + 1] = marks, { title = title, from = #command._options + 1 }
end

-- The options of each heading. Those before the first mark, such as --help, are under "Most used".
local function collect(command)
  local groups, mark, title = {}, 1, ORDER[1]
  for at, element in ipairs(command._options) do
    local marks = command.novita_marks
    while marks[mark] and marks[mark].from <= at do
      title, mark = marks[mark].title, mark + 1
    end
    groups[title] = groups[title] or { title = title }
    table.insert(groups[title], element)
  end
  return groups
end

-- Without the dozens of options that the headings show.
local function usage_of(path, command)
  local words = { "Usage: " .. path, "[<options>]" }
  for _, argument in ipairs(command._arguments) do
    words[#words + 1] = argument:_get_usage()
  end
  return table.concat(words, " ")
end

--- Groups the options of a command that has marks, if they are many.
---@param command table
---@param path string as it is typed, such as "novita train"
function headings.apply(command, path)
  if not command.novita_marks or #command._options < LONG then
    return
  end
  local groups, list = collect(command), {}
  for _, title in ipairs(ORDER) do
    local group = groups[title]
    if group then
      list[#list + 1] = group
      command:group(title, table.unpack(group))
    end
  end
  command:usage(usage_of(path, command))
  command.novita_groups = list
end

--- The options of a command, by heading.
---@param command table
---@return table[] lists of options, with a title if the help has headings
function headings.of(command)
  return command.novita_groups or { command._options }
end

return headings
