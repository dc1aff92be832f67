--- novita verify

local counted = require "novita.base.counted"
local exit_status = require "novita.cli.exit_status"
local json = require "novita.cli.json"
local lfs = require "lfs"
local scheduler = require "novita.async.scheduler"

local verify = {
  description = "Reads each model in a folder and compares it with the card beside it, which "
    .. "--models has written: its size and its SHA-256. Sends nothing.",
  examples = { { "novita verify models/", "check every model in models/" } },
}

function verify.define(command)
  command:argument("folder", "A folder with models and their cards."):argname "<folder>"
end

local words = { same = "ok", other = "changed", missing = "missing", unreadable = "unreadable",
  no_card = "no card" }

function verify.run(arguments, ui)
  if lfs.attributes(arguments.folder, "mode") ~= "directory" then
    exit_status.wrong("%s is not a folder", arguments.folder)
  end
  local found = require "novita.cards.verify"(arguments.folder, scheduler.own())
  local wrong, bare = 0, 0
  for _, model in ipairs(found) do
    local is_bare = model.state == "no_card"
    bare = bare + (is_bare and 1 or 0)
    wrong = wrong + (not is_bare and model.state ~= "same" and 1 or 0)
    ui:print("%-10s %s%s", words[model.state], model.file,
      model.reason and ": " .. model.reason or "")
  end
  ui:print("%s: %d as the card says, %d not, %d without a card", counted(#found, "model"),
    #found - wrong - bare, wrong, bare)
  ui:result { models = json.list(found) }
  return wrong > 0 and exit_status.failed or exit_status.ok
end

return verify
