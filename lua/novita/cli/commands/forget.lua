--- novita forget

local exit_status = require "novita.cli.exit_status"
local forget = require "novita.batch.forget"
local journals = require "novita.batch.journal"
local json = require "novita.cli.json"
local lfs = require "lfs"
local shell = require "novita.cli.shell"
local stages = require "novita.batch.stages"

local command_of = {
  description = "Shows what is where, asks, and then removes what runs have saved for the jobs of "
    .. "a name: sample images, models with what lies beside them, and their data in the journal. A "
    .. "note without the data stays, so that the same folder is not trained again. Your photos "
    .. "stay, and so do the service's copies, because it has no call that removes them. "
    .. "Killed and repeated, it completes what it has begun. Sends nothing. Of a journal in a "
    .. "database, it removes what is in the database and on this machine, and says what is not "
    .. "here; a job on which a runner works is refused.",
  examples = {
    { "novita forget run.db anna --dry-run", "show what is where" },
    { "novita forget run.db anna", "ask, then erase it" },
    { "novita forget run.db anna ben --yes", "erase both without asking" },
  },
}

function command_of.define(command)
  command:argument("journal", "The batch's file, or a postgresql:// URI."):argname "<run.db>"
  command:argument("names", "Names of jobs."):args "+"
  command:flag("--dry-run", "Show what is where; remove nothing.")
  command:flag("--yes", "Do not ask.")
  command:flag("--force", "Also jobs whose training still runs at the service.")
end

-- {====== what is where ======

local function photos_of(row)
  local images = row.params.images
  return type(images) == "string" and images or nil
end

local function facts_of(journal, row)
  return { name = row.name, id = row.id, stage = row.stage, host = row.host,
    elsewhere = json.list(forget.elsewhere(journal, row)),
    files = json.list(forget.files(journal, row)),
    others = json.list(forget.others(journal, row)), service = forget.kept(journal, row),
    photos = photos_of(row) }
end

local function show(ui, path, found)
  ui:print("%s (job %d, %s)", found.name, found.id, found.stage)
  ui:print("  journal %s: its settings, names of photos, and what was sent", path)
  for _, file in ipairs(found.files) do
    ui:print("  file %s", file)
  end
  for _, file in ipairs(found.elsewhere) do
    ui:print("  not on this machine: %s; remove it where it was saved", file)
  end
  for _, file in ipairs(found.others) do
    ui:print("  not removed: %s, which this journal does not know%s", file, file:find "%.db$"
      and (": novita forget %s %s"):format(shell.word(file), shell.word(found.name)) or "")
  end
  ui:print("  at the service: %s; it has no call that removes them: ask its support",
    forget.kept_text(found.service))
  if found.photos then
    ui:print("  not touched: your photos in %s%s", found.photos,
      found.host and " of the machine " .. found.host or "")
  end
end

local function find(ui, batch, names)
  local list = json.list {}
  for _, name in ipairs(names) do
    local before = #list
    for row in batch.journal:jobs { name = name } do
      list[#list + 1] = not forget.is_forgotten(row) and facts_of(batch.journal, row) or nil
    end
    if #list == before then
      ui:say(("%s has no job %s"):format(ui:safe(batch.journal.path), ui:safe(name)))
    end
  end
  return list
end

-- }======

-- {====== erasing ======

local function ask(ui)
  if not ui:can_ask() then
    exit_status.wrong "--yes erases it: what is erased cannot be restored"
  end
  return ui:confirm "erase this? it cannot be restored"
end

-- Names what the user has made of the batch, and may have elsewhere.
local function say_others(ui, path)
  ui:say "copies of the journal, reports and contact sheets may still show it"
  if journals.is_uri(path) then
    return ui:say "so may backups and standbys of the server, and its files until it vacuums them"
  end
  local report = path:gsub("%.%w+$", "") .. ".html"
  if lfs.attributes(report, "mode") then
    ui:say(("%s is one of them: write it again with novita report"):format(ui:safe(report)))
  end
end

local function erase(batch, names, force)
  local count = 0
  for _, name in ipairs(names) do
    count = count + assert(batch:forget({ name = name }, { force = force }))
  end
  return count
end

function command_of.run(arguments, ui)
  local path = arguments.journal
  if not journals.is_uri(path) and not lfs.attributes(path, "mode") then
    exit_status.wrong("the journal %s does not exist", path)
  end
  local batch <close> = assert(require "novita.batch" { journal = path,
    read_only = arguments.dry_run })
  local found = find(ui, batch, arguments.names)
  for _, job in ipairs(found) do
    show(ui, path, job)
  end
  local count = 0
  if not arguments.dry_run and (not found[1] or arguments.yes or ask(ui)) then
    count = erase(batch, arguments.names, arguments.force) -- also completes an earlier one
  end
  ui:print("forgotten: %s", stages.jobs(count))
  if count > 0 then
    say_others(ui, path)
  end
  ui:result { jobs = found, forgotten = count }
  return found[1] and exit_status.ok or exit_status.failed
end

-- }======

return command_of
