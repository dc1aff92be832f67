--- novita reproduce

local batch_run = require "novita.cli.batch.run"
local errors = require "novita.base.error"
local exit_status = require "novita.cli.exit_status"
local json = require "novita.cli.json"
local scheduler = require "novita.async.scheduler"

local reproduce = {
  description = "Plans the same job as the one that made a model: the fields that were sent, and "
    .. "the photos with the boxes that were uploaded. Compares the photos with the card. Sends and "
    .. "pays nothing: `novita resume` trains it, at any service.",
  examples = {
    { "novita reproduce models/anna-5e6f708192a3.json", "plan it in anna-5e6f708192a3.db" },
    { "novita reproduce anna.json photos/anna --journal again.db",
      "take the photos from another folder" },
  },
}

function reproduce.define(command)
  command:argument("card", "The card of a model."):argname "<card.json>"
  command:argument("folder", "The folder of its photos. Default: where they were.")
    :argname("<folder>"):args "?"
  command:option("--journal", "The file of the job. Default: the card's name, ending in .db.")
    :argname "<run.db>"
end

-- Says which photos are not those that the model was trained with.
local function compare(ui, params, card)
  local others, err = exit_status.checked(require "novita.cards.match_photos", params, card,
    scheduler.own())
  if not others then
    error(errors.reword(err, err.message .. "; name the folder in which the photos are now"), 0)
  end
  for _, name in ipairs(others) do
    ui:warn(("%s is not the photo of the card, or is prepared in another way"):format(name))
  end
  ui:print("photos: %d of %d are those of the card", #card.photos - #others, #card.photos)
  return others
end

function reproduce.run(arguments, ui)
  local cards = require "novita.cards"
  local card, err = cards.read(arguments.card)
  if not card then
    error(err, 0)
  end
  local journal = arguments.journal or (arguments.card:gsub("%.json$", "")) .. ".db"
  local params = cards.params(card, arguments.folder)
  local others = compare(ui, params, card)
  batch_run.open(ui, { journal = journal, jobs = { params } }):close()
  ui:print("planned in %s: novita resume %s trains it, and pays", journal,
    ui:shell_word(journal))
  ui:result { journal = journal, name = card.name, photos = #card.photos,
    other_photos = json.list(others) }
  return others[1] and exit_status.failed or exit_status.ok
end

return reproduce
