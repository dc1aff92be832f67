--- novita auth login

local account = require "novita.cli.account"
local base_key = require "novita.base.key"
local errors = require "novita.base.error"
local exit_status = require "novita.cli.exit_status"
local next_step = require "novita.cli.next_step"
local terminal = require("novita.core").terminal

local login = {
  description = "Reads the API key from standard input, asks the service whether it is accepted, "
    .. "and stores it in a file that only you can read.",
  examples = {
    { "novita auth login", "type or paste the key; it is not shown" },
    { "novita auth login < key.txt", "read it from a file" },
  },
}

function login.define(command)
  command:option("--base-url", "The URL of another service. Default: NOVITA_BASE_URL, or "
    .. "https://api.novita.ai."):argname "<url>"
end

local LENGTH_MOST <const> = 4096 -- bytes

-- The typed key is not shown. Ctrl-C ends the program; the shell then sets its own terminal again.
local function ask(ui)
  ui:say("Create a key at https://novita.ai/settings/key-management and paste it here: it is not "
    .. "shown.")
  io.stderr:write "API key: "
  io.stderr:flush()
  local hidden = os.execute "stty -echo 2>/dev/null"
  local text = io.stdin:read "l"
  if hidden then
    os.execute "stty echo"
  end
  io.stderr:write "\n"
  return text
end

local function read(ui)
  local text = terminal.is_terminal(io.stdin) and ask(ui) or io.stdin:read "l"
  local key = (text or ""):gsub("^%s*[Bb]earer%s+", ""):match "^%s*(%S+)%s*$"
  if not key or #key > LENGTH_MOST then
    exit_status.wrong "give the API key on standard input: one line"
  end
  return key
end

function login.run(arguments, ui)
  local key = read(ui)
  if base_key.is_of_emulator(key) then
    exit_status.wrong "this is the key of an emulator, which ends with it: it was not stored"
  end
  local client <close> = account.open_with(key, arguments, ui, true)
  local balance, err = client.account:balance()
  if not balance then
    error(errors.reword(err, err.message .. "; the key was not stored"), 0)
  end
  local path, why = base_key.store(key)
  if not path then
    exit_status.wrong("the key was not stored: %s", why)
  end
  ui:print("the key is accepted; %.4f USD available", balance.usd)
  ui:print("stored in %s", path)
  next_step.doctor(ui)
  ui:result { file = path, usd = balance.usd }
end

return login
