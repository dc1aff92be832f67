--- Lines at the foot of a terminal that are drawn again in place: one for each running job and a
--- total below them. Each picture of them is one write, so nothing flickers; lines are cut to the
--- width, so none wraps. After a resize the terminal has wrapped what was there: the new width
--- tells into how many rows. In the background, where the terminal belongs to the shell, nothing
--- is drawn or erased.
--
-- Elsewhere than on a terminal there is no board: see novita.cli.stages.

local core = require "novita.core"
local is_ours = core.terminal.is_ours
local printable = require "novita.cli.printable"

local EVERY <const> = 0.1 -- seconds: ten times a second

local HIDE <const>, SHOW <const> = "\27[?25l", "\27[?25h"
local BEGIN <const>, END <const> = "\27[?2026h", "\27[?2026l" -- all at once, where that is known

---@class novita.cli.Board
local Board = {}
Board.__index = Board

-- Rows that the lines of the last picture take at the present width.
local function rows_of(drawn, columns, rows)
  local count = 0
  for _, width in ipairs(drawn) do
    count = count + math.max(1, (width + columns - 1) // columns)
  end
  return math.min(count, rows - 1)
end

-- Back to the first row of the last picture, and everything from there on erased.
local function erase(self, columns, rows)
  local up = rows_of(self.drawn, columns, rows)
  self.drawn = {}
  return up > 0 and ("\27[%dA\r\27[J"):format(up) or "\r\27[J"
end

-- As many lines as there is room for: the total stays, and how many are not shown is told.
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

-- The width is that of the text without its colours, which come last.
local function one(self, line, columns)
  local text = printable.clip(line.text, columns - 1, not self.ui.utf8)
  self.drawn[#self.drawn + 1] = printable.columns(text)
  return line.colour and self.ui:paint(line.colour, text) or text
end

local function picture(self, lines, columns, rows)
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
  local text = erase(self, columns, rows) .. above .. picture(self, lines, columns, rows)
  local hide = self.visible ~= true and HIDE or ""
  write(BEGIN, hide, text, END)
  self.lines, self.at = lines, core.now()
end

--- Whether it is time for another picture.
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

--- A line that stays, above the others.
---@param text string printable
function Board:above(text)
  if is_ours(io.stderr) then
    put(self, text .. "\n", self.lines)
  else
    write(text, "\n")
  end
end

--- The cursor is visible from now on.
function Board:show_cursor()
  self.visible = true
  write(SHOW)
end

--- Ctrl-Z: the lines stay where they are, and the next picture begins below.
function Board:leave()
  self.drawn = {}
  write(SHOW)
end

--- The end: nothing of the last picture stays.
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
