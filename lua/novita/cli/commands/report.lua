--- novita report

local lfs = require "lfs"
local option = require "novita.cli.option"
local save = require "novita.cli.save"
local stages = require "novita.batch.stages"

local report = {
  description = "Writes one HTML file about a batch: totals, failures, a timeline of all jobs, the "
    .. "models, sample images and training photos. The page needs no network and no JavaScript. It "
    .. "shows the photos, so only you can read the file; share it with people who may see them.",
  examples = {
    { "novita report run.db", "write run.html" },
    { "novita report run.db --out report.html --sheets 0", "omit the training photos" },
  },
}

function report.define(command)
  command:argument("journal", "The batch's file, or its postgresql:// URI."):argname "<run.db>"
  command:option("--out", "The file. Default: the journal's name, ending in .html.")
    :argname "<file>"
  command:option("--title", "The page's title. Default: the journal's name."):argname "<text>"
  command:option("--sheets", "Contact sheets for at most this many jobs.")
    :argname("<count>"):default("12"):convert(option.integer(0))
end

-- "run" of run.db, and "trainings" of postgresql://host/trainings?user=me.
local function stem_of(journal)
  local database = journal:match "^postgres%l*://[^/]*/([^?]*)"
  return database and (database ~= "" and database or "journal") or (journal:gsub("%.%w+$", ""))
end

local function folder_of(path)
  local folder = path:match "^(.*)/[^/]*$"
  if path:sub(1, 1) == "/" then
    return folder
  end
  return folder and lfs.currentdir() .. "/" .. folder or lfs.currentdir()
end

function report.run(arguments, ui)
  local journal <close> = require("novita.cli.journal").view(arguments.journal)
  local stem = stem_of(arguments.journal)
  local out = arguments.out or stem .. ".html"
  local text, all = require("novita.cli.report.page").of(journal.rows, {
    title = arguments.title or "Batch " .. stem:match "[^/]*$",
    sheets = arguments.sheets,
    folder = folder_of(out),
  })
  save.bytes(out, text, true) -- as private as the journal
  ui:print("wrote %s (%s, %d kB)", out, stages.jobs(#all.jobs), (#text + 999) // 1000)
  ui:result { file = out, jobs = #all.jobs, bytes = #text, counts = all.counts }
end

return report
