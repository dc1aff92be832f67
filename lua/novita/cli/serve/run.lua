--- Runs a server until a signal arrives.

local check = require "novita.cli.serve.check"
local exit_status = require "novita.cli.exit_status"
local pause = require "novita.cli.pause"
local rock = require "novita.cli.serve.rock"
local words_of = require "novita.cli.serve.words"

local function require_option(arguments, name)
  if not arguments[name] then
    exit_status.wrong("--%s is missing: see `novita serve --help`", name)
  end
  return arguments[name]
end

-- The options of novita.server.start that have the name of an option of the command.
local SAME <const> = { "slots", "queue_limit", "address", "port", "certificate", "private_key",
  "public_url", "trainer_scripts", "python", "timeout", "silence", "keep", "keep_models",
  "on_restart" }

-- A URL is one word; a program is a list.
local function generator_of(arguments)
  local text = arguments.generator
  return text and (text:find "^https?://" and text or words_of(text))
end

local function options_of(arguments)
  local base_models = rock.require "novita.server.base_models"
  local options = { data = rock.data(arguments),
    trainer = words_of(require_option(arguments, "trainer")),
    generator = generator_of(arguments),
    base_models = assert(base_models.read(require_option(arguments, "models"))),
    min_free = arguments.min_free * 1e9, photo_limit = arguments.photo_limit * 1e9, log = true }
  for _, name in ipairs(SAME) do
    options[name] = arguments[name]
  end
  return options
end

---@param arguments table
---@param ui novita.cli.Ui
return function(arguments, ui)
  if arguments.train and not arguments.check then
    exit_status.wrong "--train needs --check"
  end
  local servers = rock.require "novita.server"
  local options = options_of(arguments)
  if arguments.check then
    return check(arguments, ui, options)
  end
  -- Processes that a trainer has left become children of this one, so none stays a zombie.
  rock.require("novita.server.core").reap_orphans()
  local server <close> = assert(exit_status.checked(servers.start, options))
  ui:print("export NOVITA_BASE_URL=%s", server.base_url)
  ui:result { base_url = server.base_url }
  io.stdout:flush()
  while not ui.interrupt:check() do
    pause(ui.interrupt)
  end
  local log = rock.require("novita.server.log_lines").new(true)
  log("server_stopping", { signal = ui.interrupt:check() })
  server:stop()
end
