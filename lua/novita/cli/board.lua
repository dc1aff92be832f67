--- Lines at the bottom of a terminal that are redrawn in place: one for each running job, and a
--- total below them. Each frame is one write, so nothing flickers, and lines are cut to the width,
--- so none wraps. After a resize the terminal has wrapped the last frame; the new width shows into
--- how many rows. In the background, where the terminal belongs to the shell, nothing is drawn or
--- erased.
--
-- There is a board only on a terminal; otherwise see novita.cli.stages.

local core = require "novita.core"
local is_ours = core.terminal.is_ours
local printable = require "novita.base.printable"

local EVERY <const> = 0.1 -- seconds: ten times a second

local HIDE <const>, SHOW <const> = "\27[?25l", "\27[?25h"
local BEGIN <const>, END <const> = "\27[?2026h", "\27[?2026l" -- one update, if supported

---@class novita.cli.Board
local Board = {}
Board.__index = Board

-- The rows that the last frame takes at the present width.
local function rows_of(drawn, columns, rows)
  local count = 0
  for _, width in ipairs(drawn) do
    count = count + math.max(1, (width + columns - 1) // columns)
  end
  return math.min(count, rows - 1)
end

-- Moves to the first row of the last frame and erases everything from there on.
local function erase(self, columns, rows)
  local up = rows_of(self.drawn, columns, rows)
  self.drawn = {}
  return up > 0 and ("\27[%dA\r\27[J"):format(up) or "\r\27[J"
end

-- The lines that fit. The total stays, and a line says how many are not shown.
local function fitting(lines, rows)
  local room = math.max(1, rows - 1)
  if #lines <= room then
    return lines
  end
  local kept = table.move(lines, 1, math.max(0, room - 2), 1, {})
  if room > 1 then
    kept[#kept + 1] = { text = ("    and %d more"):format(#lines - 1 - #kept) }
  end
  kept[#kept + 1] = lines[#lines]
  return kept
end

-- The width is measured without the colours, which are added last.
local function one(self, line, columns)
  local text = printable.clip(line.text, columns - 1, not self.ui.utf8)
  self.drawn[#self.drawn + 1] = printable.columns(text)
  return line.colour and self.ui:paint(line.colour, text) or text
end

local function frame(self, lines, columns, rows)
  local parts = {}
  for i, line in ipairs(fitting(lines, rows)) do
    parts[i] = one(self, line, columns) .. "\n"
  end
  return table.concat(parts)
end

local function write(...)
  io.stderr:write(...)
  io.stderr:flush()
end

local function put(self, above, lines)
  local columns, rows = self.ui:size()
  local text = erase(self, columns, rows) .. above .. frame(self, lines, columns, rows)
  local hide = self.visible ~= true and HIDE or ""
  write(BEGIN, hide, text, END)
  self.lines, self.at = lines, core.now()
end

--- Whether it is time for another frame.
---@return boolean
function Board:due()
  return core.now() - self.at >= EVERY
end

--- Draws the lines.
---@param lines { text: string, colour?: string }[] printable; the last one is the total
function Board:draw(lines)
  if is_ours(io.stderr) then
    put(self, "", lines)
  end
end

--- Writes a line that stays, above the others.
---@param text string printable
function Board:above(text)
  if is_ours(io.stderr) then
    put(self, text .. "\n", self.lines)
  else
    write(text, "\n")
  end
end

--- Shows the cursor from now on.
function Board:show_cursor()
  self.visible = true
  write(SHOW)
end

--- Ctrl-Z: the lines stay where they are, and the next frame starts below them.
function Board:leave()
  self.drawn = {}
  write(SHOW)
end

--- Erases the last frame and shows the cursor.
function Board:close()
  if is_ours(io.stderr) then
    write(erase(self, self.ui:size()), SHOW)
  end
end

local board = {}

--- Opens the board of a terminal.
---@param ui novita.cli.Ui
---@return novita.cli.Board
function board.open(ui)
  local made = setmetatable({ ui = ui, drawn = {}, lines = {}, at = -math.huge }, Board)
  ui.board = made
  return made
end

return board
