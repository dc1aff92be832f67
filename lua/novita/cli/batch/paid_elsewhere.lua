--- Says which command helps if the list has trainings of another journal: it may be beside this
--- one, under another name; if it is lost, it can be rebuilt.

local errors = require "novita.base.error"
local beside = require "novita.batch.journal.beside"
local shell = require "novita.cli.shell"
local training_params = require "novita.cli.training_params"

local function journal_of(batch, path)
  local others, left_out = beside.journals(path)
  for other in others do
    if other.id == batch then
      local found = other.path
      other:close()
      return found
    end
  end
  return nil, left_out
end

local function recover_command(arguments)
  local words = { "novita recover", shell.word(arguments.folder) }
  for _, word in ipairs(training_params.words(arguments)) do
    words[#words + 1] = shell.word(word)
  end
  return table.concat(words, " ")
end

local paid_elsewhere = {}

--- After `train` was refused. Its journal is closed.
---@param ui novita.cli.Ui
---@param arguments table of the command
---@param path string the journal
---@param err any
function paid_elsewhere.say(ui, arguments, path, err)
  if not errors.is(err) or err.code ~= "other_batch" then
    return
  end
  local other, left_out = journal_of(err.batch, path)
  if other then
    ui:say(("their journal is %s: add --journal %s"):format(ui:safe(other), ui:shell_word(other)))
  else
    if left_out > 0 then
      ui:say(ui:safe(beside.limit_text(path, left_out)))
    end
    ui:say("if that journal is lost: " .. ui:safe(recover_command(arguments)))
  end
end

return paid_elsewhere
