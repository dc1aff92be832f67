--- Prints rows: for a terminal as a table with a header, cut to its width; for a pipe or a file
--- whole, with tabs between the values and no header.

local printable = require "novita.base.printable"

local GAP <const> = 2 -- blanks between two columns

---@class novita.cli.Column
---@field title string
---@field least integer the columns of the terminal below which it is left out
---@field most? integer default: as wide as its widest value

-- The columns that the terminal has room for; those on the right are left out first.
local function that_fit(columns, room)
  local shown = {}
  for _, column in ipairs(columns) do
    room = room - column.least - (#shown > 0 and GAP or 0)
    if room < 0 and #shown > 0 then
      break
    end
    shown[#shown + 1] = column
  end
  return shown
end

local function wanted_width(column, index, rows)
  local wide = printable.columns(column.title)
  for _, row in ipairs(rows) do
    wide = math.max(wide, printable.columns(row[index]))
  end
  return math.min(wide, column.most or wide)
end

-- Gives each column what it needs at least, and the rest from left to right.
local function widths_of(columns, rows, room)
  local widths, wanted = {}, {}
  room = room - GAP * (#columns - 1)
  for index, column in ipairs(columns) do
    wanted[index] = wanted_width(column, index, rows)
    widths[index] = math.min(column.least, wanted[index])
    room = room - widths[index]
  end
  for index in ipairs(columns) do
    local more = math.max(math.min(room, wanted[index] - widths[index]), 0)
    widths[index], room = widths[index] + more, room - more
  end
  return widths
end

local function line_of(values, widths, plain)
  local parts = {}
  for index, width in ipairs(widths) do
    local text = printable.clip(values[index], width, plain)
    parts[index] = printable.pad(text, width)
  end
  return (table.concat(parts, (" "):rep(GAP)):gsub(" +$", ""))
end

local function print_table(ui, columns, rows, width)
  local shown = that_fit(columns, width)
  local widths, titles = widths_of(shown, rows, width), {}
  for index, column in ipairs(shown) do
    titles[index] = column.title
  end
  local plain = not ui.utf8
  io.stdout:write(ui:paint_result("bold", line_of(titles, widths, plain)), "\n")
  for _, row in ipairs(rows) do
    io.stdout:write(line_of(row, widths, plain), "\n")
  end
end

--- Prints rows of values; nothing with --json. Without rows it says so on standard error.
---@param ui novita.cli.Ui
---@param columns novita.cli.Column[]
---@param rows any[][] values by column; nil is no value
---@param nothing string what is said without rows: "no trainings"
local function print_rows(ui, columns, rows, nothing)
  if ui.json then
    return
  elseif #rows == 0 then
    ui:say(nothing)
    return
  end
  local texts = {}
  for number, row in ipairs(rows) do
    texts[number] = {}
    for index in ipairs(columns) do
      texts[number][index] = row[index] == nil and "" or ui:safe(row[index])
    end
  end
  if ui.table then
    return print_table(ui, columns, texts, ui:columns())
  end
  for _, row in ipairs(texts) do
    io.stdout:write(table.concat(row, "\t"), "\n")
  end
end

return print_rows
