--- novita serve status

local board_of = require "novita.cli.board"
local core = require "novita.core"
local counted = require "novita.base.counted"
local exit_status = require "novita.cli.exit_status"
local json = require "novita.cli.json"
local pause = require "novita.cli.pause"
local rock = require "novita.cli.serve.rock"

local status = {
  description = "Shows what a server is doing, from its folder, whether it runs or not.",
  examples = {
    { "novita serve status", "show it" },
    { "novita serve status --watch", "show it again and again, until Ctrl-C" },
    { "novita serve status --json", "the same for a program" },
  },
  interruptible = true,
}

function status.define(command)
  command:flag("--watch", "Show it on a terminal, and what changes, until Ctrl-C.")
  rock.define_nested(command)
end

local function duration(seconds)
  if seconds < 90 then
    return ("%.0f s"):format(seconds)
  elseif seconds < 5400 then
    return ("%.0f min"):format(seconds / 60)
  end
  return ("%.1f h"):format(seconds / 3600)
end

local function show_server(found, ui)
  if found.served then
    ui:print("server    runs at %s, %d of %d slots busy", found.url or "an unknown address",
      #found.running, found.slots or 0)
  else
    ui:print "server    does not run"
  end
end

local function show_running(found, ui)
  for _, one in ipairs(found.running) do
    ui:print("slot %-4d %s  %s  %s  %s%s", one.slot, one.id, one.key, one.name,
      one.percent and ("%.0f %%"):format(one.percent) or "begins",
      one.eta and (", %s left"):format(duration(one.eta)) or "")
  end
end

local function show_waiting(found, ui)
  local parts = {}
  for i, one in ipairs(found.waiting) do
    parts[i] = ("%d of %s"):format(one.count, one.key)
  end
  ui:print("waiting   %s", #parts > 0 and table.concat(parts, ", ") or "none")
end

local function show_images(counts, ui)
  if next(counts) then
    ui:print("images    %d run, %d wait, %d succeeded, %d failed", counts.PROCESSING or 0,
      counts.QUEUED or 0, counts.SUCCEED or 0, counts.FAILED or 0)
  end
end

local function show_disk(disk, ui)
  ui:print("disk      %.1f GB free; %s with %.1f MB, %s with %.1f MB", disk.free / 1e9,
    counted(disk.photos, "photo"), disk.photo_bytes / 1e6, counted(disk.models, "model"),
    disk.model_bytes / 1e6)
end

local function show_failures(found, ui)
  for _, one in ipairs(found.failures) do
    ui:print("failed    %s  %s  %s  %s: %s", os.date("!%Y-%m-%d %H:%M", one.ended_at // 1), one.id,
      one.key, one.name, one.reason)
  end
end

local function show_all(found, ui)
  show_server(found, ui)
  show_running(found, ui)
  show_waiting(found, ui)
  ui:print("ended     %d succeeded, %d failed, %d canceled", found.counts.SUCCESS or 0,
    found.counts.FAILED or 0, found.counts.CANCELED or 0)
  show_images(found.images, ui)
  show_disk(found.disk, ui)
  show_failures(found, ui)
end

-- {====== --watch ======

local EVERY <const> = 2 -- seconds, as the server notes progress

local function lines_of(found, ui)
  local lines = {}
  show_all(found, { print = function(_, ...)
    lines[#lines + 1] = { text = ui:line(...) }
  end })
  return lines
end

local function watch(read, ui)
  if ui.json or not ui.terminal then
    exit_status.wrong "--watch needs a terminal; the server writes a line for each event"
  end
  local board, due = board_of.open(ui), 0
  while not ui.interrupt:check() do
    if core.now() >= due then
      board:draw(lines_of(read(), ui))
      due = core.now() + EVERY
    end
    pause(ui.interrupt)
  end
  ui:close_board()
end

-- }======

function status.run(arguments, ui)
  local function read()
    return rock.require("novita.server.overview").read(rock.data(arguments))
  end
  if arguments.watch then
    watch(read, ui)
  end
  local found = read()
  show_all(found, ui)
  for _, name in ipairs { "running", "waiting", "failures" } do
    json.list(found[name])
  end
  ui:result(found)
end

return status
