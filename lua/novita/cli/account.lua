--- Opens the client of a command: its key, its service, and its warnings.

local base_key = require "novita.base.key"
local core = require "novita.core"
local key = require "novita.cli.key"
local novita = require "novita"
local exit_status = require "novita.cli.exit_status"
local terminal = require("novita.core").terminal

local SAID_EVERY <const> = 5 -- seconds

-- At a terminal, of a client that only asks: it gives up within 15 s if nothing responds, within
-- 2 s if it is refused. A resolver asks its second name server after 5 s.
local BRIEF <const> = { connect_timeout = 6.5, retry = { attempts = 2, min = 2 } }

local account = {}

local function poll_of(arguments)
  local interval, unknown_timeout = arguments.poll, arguments.unknown_timeout
  if not interval then
    return { unknown_timeout = unknown_timeout }
  end
  local shortest = math.min(interval, 2)
  return { first = shortest, min = shortest, max = interval, unknown_timeout = unknown_timeout }
end

-- Reports that a request is tried again, so that a person never waits without a message. An outage
-- affects many requests: it is reported every few seconds, not for each of them.
local function retry_reporter(ui)
  local said_at = -math.huge
  return function(attempt, attempts, why)
    local now = core.now()
    if now - said_at >= SAID_EVERY then
      said_at = now
      ui:say(ui:safe(("%s; trying again (%d of %d)"):format(why, attempt, attempts)))
    end
  end
end

--- Opens a client with a key that was just given. Sends nothing.
---@param api_key string
---@param arguments table
---@param ui novita.cli.Ui
---@param brief? boolean see account.open_brief
---@return novita.Client
function account.open_with(api_key, arguments, ui, brief)
  local soon = brief and terminal.is_terminal(io.stderr) and BRIEF or {}
  local client = exit_status.checked(novita.client, {
    api_key = api_key,
    base_url = arguments.base_url,
    ca_file = arguments.ca_file,
    user_agent = "novita-cli",
    poll = poll_of(arguments),
    connect_timeout = soon.connect_timeout,
    retry = soon.retry,
    log = function(_, text)
      ui:warn(text)
    end,
  })
  client.loop.on_retry = retry_reporter(ui)
  ui.is_emulated = base_key.is_of_emulator(api_key)
  return client
end

--- Opens the client for the arguments. Sends nothing.
---@param arguments table
---@param ui novita.cli.Ui
---@return novita.Client
function account.open(arguments, ui)
  return account.open_with(key.require(arguments.key_file), arguments, ui)
end

--- The same for a command that only asks. A person who waits for the response can type it again, so
--- it fails soon at a terminal. A program has the attempts of all other commands.
---@param arguments table
---@param ui novita.cli.Ui
---@return novita.Client
function account.open_brief(arguments, ui)
  return account.open_with(key.require(arguments.key_file), arguments, ui, true)
end

return account
