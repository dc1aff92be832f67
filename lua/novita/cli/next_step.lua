--- Hints after a command has succeeded: the next command, to copy.

local shell = require "novita.cli.shell"

local next_step = {}

local function say(ui, command)
  ui:note("try: " .. ui:safe(command))
end

--- After a training.
---@param ui novita.cli.Ui
---@param model string its name, or that of its training
---@param prompt? string of the training
function next_step.generate(ui, model, prompt)
  say(ui, ("novita generate --model %s --prompt %s"):format(shell.word(model),
    prompt and shell.word(prompt) or "'...'"))
end

--- After a batch.
---@param ui novita.cli.Ui
---@param journal string as a word of a command
function next_step.report(ui, journal)
  say(ui, "novita report " .. journal)
end

--- After photos were prepared.
---@param ui novita.cli.Ui
---@param folder string
function next_step.train(ui, folder)
  say(ui, ("novita train %s --prompt '...'"):format(shell.word(folder)))
end

--- After the key was stored.
---@param ui novita.cli.Ui
function next_step.doctor(ui)
  say(ui, "novita doctor")
end

return next_step
