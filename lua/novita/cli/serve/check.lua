--- novita serve --check: everything that a server needs, before it is needed.

local counted = require "novita.base.counted"
local environment = require "novita.base.environment"
local exit_status = require "novita.cli.exit_status"
local findings = require "novita.cli.findings"
local lfs = require "lfs"
local rock = require "novita.cli.serve.rock"

local finding = findings.new

local GB <const> = 1e9

-- {====== the folder ======

local function folder(options)
  local data_folder = rock.require "novita.server.data_folder"
  local ok, store = pcall(data_folder.open_or_make, options.data)
  if not ok then
    return { finding("data", "failed", tostring(store), "choose another folder with --data") }
  end
  local closing <close> = store
  local problems, keys = closing:problems(), #closing:keys()
  local served = data_folder.is_served(options.data)
  return {
    finding("data", "ok", options.data .. (served and ", where a server runs" or "")),
    problems[1] and finding("database", "failed", problems[1], "restore a backup")
      or finding("database", "ok", "server.db is sound"),
    keys == 0 and finding("keys", "warning", "no key", "make one: novita serve key add <name>")
      or finding("keys", "ok", counted(keys, "key")),
  }
end

local function disk(options)
  local free = rock.require("novita.server.files").free(options.data)
  if free < options.min_free then
    return { finding("disk", "failed", ("%.1f GB free, and --min-free is %.1f"):format(free / GB,
      options.min_free / GB), "remove files: until then nothing is accepted") }
  end
  return { finding("disk", "ok", ("%.1f GB free"):format(free / GB)) }
end

-- }======

-- {====== the trainer ======

local function is_program(path)
  local found = lfs.attributes(path)
  return found ~= nil and found.mode == "file" and found.permissions:find "x" ~= nil
end

-- Where the system finds a program.
local function program(name)
  if name:find "/" then
    return is_program(name) and name or nil
  end
  for folder_of in (environment.get "PATH" or ""):gmatch "[^:]+" do
    if is_program(folder_of .. "/" .. name) then
      return folder_of .. "/" .. name
    end
  end
end

-- The scripts of an adapter were looked for when the options were checked.
local function trainer(options)
  local is_known = rock.require("novita.server.trainers").find(options) ~= nil
  local name = is_known and options.python or options.trainer[1]
  local path = program(name)
  if not path then
    return { finding("trainer", "failed", ("%s is no program"):format(name),
      ("install it, or give another one with --%s"):format(is_known and "python" or "trainer")) }
  end
  return { finding("trainer", "ok", is_known and ("%s, with %s"):format(options.trainer[1], path)
    or path) }
end

local function base_models(options)
  local list = {}
  for name, model in pairs(options.base_models) do
    local state = lfs.attributes(model.path, "mode") and "ok" or "failed"
    list[#list + 1] = finding("models", state, ("%s (%s): %s"):format(name, model.family,
      model.path), state == "failed" and "there is nothing at this path" or nil)
  end
  table.sort(list, function(a, b) return a.text < b.text end)
  return list
end

local function generator(options)
  local given = options.generator
  if not given then
    return { finding("images", "ok", "no generator: this server only trains") }
  elseif type(given) == "table" then
    local path = program(given[1])
    return { path and finding("images", "ok", path) or finding("images", "failed",
      ("%s is no program"):format(given[1]), "install it, or correct --generator") }
  end
  local call <close> = rock.require("novita.server.http_call").new(given)
  local status, err = call:get "/"
  return { status and finding("images", "ok", given .. " responds")
    or finding("images", "failed", err.message, "start it, or correct --generator") }
end

local GPUS <const> = "/proc/driver/nvidia/gpus"

local function gpus(options)
  local count = 0
  if lfs.attributes(GPUS, "mode") == "directory" then
    for name in lfs.dir(GPUS) do
      count = count + (name:find "^%." and 0 or 1)
    end
  end
  if count == 0 then
    return { finding("gpus", "warning", "no NVIDIA GPU was found",
      "another kind of GPU is not looked for; a processor needs hours") }
  elseif options.slots > count then
    return { finding("gpus", "warning", ("%s, and %d slots"):format(counted(count, "GPU"),
      options.slots), "each slot is one GPU: correct --slots") }
  end
  return { finding("gpus", "ok", ("%s, %s"):format(counted(count, "GPU"),
    counted(options.slots, "slot"))) }
end

-- }======

local CHECKS <const> = { folder, disk, trainer, base_models, generator, gpus }

--- Shows the findings.
---@param arguments table
---@param ui novita.cli.Ui
---@param given novita.server.Options
---@return integer status
return function(arguments, ui, given)
  local options = exit_status.checked(rock.require("novita.server.options").check, given, 1)
  local list = {}
  local function add(found)
    for _, one in ipairs(found) do
      list[#list + 1] = one
      findings.show(ui, one)
    end
  end
  for _, check in ipairs(CHECKS) do
    add(check(options))
  end
  if arguments.train and rock.require("novita.server.data_folder").is_served(options.data) then
    add { finding("training", "warning", "not tried: a server runs, and may need the GPU",
      "stop it first") }
  elseif arguments.train then
    add { require "novita.cli.serve.check_train"(ui, given) }
  end
  return findings.finish(ui, list)
end
