-- A script for lighttpd's mod_magnet (1.4.69, with Lua 5.4): GET /training/TASK_ID responds with
-- the status of a training.
--
--   server.modules += ("mod_magnet")
--   $HTTP["url"] =~ "^/training/" { magnet.attract-raw-url-to = ("/etc/lighttpd/training.lua") }
--
-- The API key is in the key file of the user that lighttpd runs as, or in NOVITA_API_KEY.
--
-- mod_magnet has no coroutines: lighttpd serves no one else while a script runs. So this one asks
-- once and has a short timeout. To wait for a model, or to train, start another process.

local novita = require "novita"

local SECONDS <const> = 2

-- lighttpd runs the script anew for each request and keeps what is loaded.
local function client()
  local kept = package.loaded["training.client"]
  if not kept then
    kept = novita.client { call_timeout = SECONDS, connect_timeout = SECONDS,
      retry = { attempts = 1 }, user_agent = "lighttpd" }
    package.loaded["training.client"] = kept
  end
  return kept
end

-- luacheck: globals lighty

local function respond(status, text)
  local response = lighty.r
  response.resp_header["Content-Type"] = "text/plain"
  response.resp_body.set(text .. "\n")
  return status
end

local task_id = lighty.r.req_attr["uri.path"]:match "^/training/([%w-]+)$"
if not task_id then
  return respond(404, "give /training/TASK_ID")
end
local training, err = client().trainings:get(task_id, "subject")
if not training then
  return respond(err.code == "TASK_NOT_FOUND" and 404 or 502, err.message)
end
return respond(200, training.task_status)
