--- Prints the log of a training while its trainer writes it, until the training has ended.

local exit_status = require "novita.cli.exit_status"
local lfs = require "lfs"
local pause = require "novita.cli.pause"
local rock = require "novita.cli.serve.rock"

local OPEN <const> = { QUEUING = true, TRAINING = true }

---@class novita.cli.serve.Reader
---@field path string
---@field file? file*
---@field number? integer of the file, by which a new one of the same name is known
---@field part string the line that has not ended yet
local Reader = {}
Reader.__index = Reader

local function print_lines(self, ui, text)
  text = self.part .. text
  local whole = text:match "^.*[\r\n]" or ""
  self.part = text:sub(#whole + 1)
  for line in whole:gmatch "[^\r\n]+" do
    ui:print("%s", line)
  end
  io.stdout:flush()
end

local function read_rest(self, ui)
  local text = self.file and self.file:read "a" or ""
  if text ~= "" then
    print_lines(self, ui, text)
  end
end

-- A long log is renamed, and begins anew: the rest of the old one comes first.
local function read_new(self, ui)
  read_rest(self, ui)
  local number = lfs.attributes(self.path, "ino")
  if number and number ~= self.number then
    read_rest(self, ui)
    if self.file then
      self.file:close()
    end
    self.file, self.number = io.open(self.path, "rb"), number
    read_rest(self, ui)
  end
end

-- The part of a long log that was renamed before.
local function print_old(self, ui)
  local old <close> = io.open(self.path .. ".old", "rb")
  if old then
    print_lines(self, ui, old:read "a")
  end
end

---@param arguments table
---@param ui novita.cli.Ui
---@param id string of the training
---@param folder string of its task
return function(arguments, ui, id, folder)
  if ui.json then
    exit_status.wrong "--follow prints text, so it cannot be combined with --json"
  end
  local store <close> = rock.require("novita.server.data_folder").open(rock.data(arguments))
  local reader = setmetatable({ path = folder .. "/log", part = "" }, Reader)
  print_old(reader, ui)
  repeat
    local training = store:any_training(id) -- before the log: its last lines are read then
    local is_open = training and OPEN[training.status]
    read_new(reader, ui)
    if is_open then
      pause(ui.interrupt)
    end
  until not is_open
  print_lines(reader, ui, "\n")
end
