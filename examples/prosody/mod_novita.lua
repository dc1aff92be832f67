-- A module of Prosody (0.12, with Lua 5.4): it responds to HTTP requests about trainings.
--
--   /novita/TASK_ID          the status now, such as "TRAINING 56 %"
--   /novita/TASK_ID/model    the name of the model; the request waits until it serves
--
-- The API key is in NOVITA_API_KEY, or in the key file of the user that Prosody runs as. Responses
-- go to everyone who can reach the port: keep it on loopback, or check who asks.
--
-- Prosody's loop watches novita's descriptor, and a wait suspends the coroutine of one request.

local async = require "util.async"
local novita = require "novita"
local server = require "net.server"
local timer = require "util.timer"

-- luacheck: globals module

module:depends "http"

-- {====== novita's loop inside Prosody's ======

local loop = { name = "prosody" }

function loop.watch(handle)
  local watched, due
  local function turn()
    if due then
      timer.stop(due)
    end
    if not handle:step() then
      watched:close()
      return
    end
    local seconds = handle:timeout() -- if it is 0, the descriptor is readable
    due = seconds and seconds > 0 and timer.add_task(seconds, function()
      due = nil
      turn()
    end)
  end
  watched = server.watchfd(handle:pollfd(), turn)
  due = timer.add_task(0, turn)
end

local waiting = setmetatable({}, { __mode = "k" }) -- what ends the wait of a coroutine

function loop.park()
  local wait, done = async.waiter()
  waiting[coroutine.running()] = done
  wait()
end

function loop.wake(co)
  local done = waiting[co]
  waiting[co] = nil
  if done then
    done()
  end
end

function loop.spawn(fn, ...)
  local arguments = table.pack(...)
  async.runner():run(function()
    fn(table.unpack(arguments, 1, arguments.n))
  end)
end

-- }======

local client = novita.client { loop = loop, user_agent = "prosody" }

local function failure(event, err)
  event.response.status_code = err.code == "TASK_NOT_FOUND" and 404 or 502
  return err.message .. "\n"
end

local function status(event, task_id)
  local training, err = client.trainings:get(task_id, "subject")
  if not training then
    return failure(event, err)
  end
  local percent = training.extra.progress_percent
  return training.task_status .. (percent and (" %d %%"):format(percent) or "") .. "\n"
end

local function model(event, task_id)
  local name, err = client:attach({ task_id = task_id, task_type = "subject" }):wait()
  return name and tostring(name) .. "\n" or failure(event, err)
end

module:provides("http", {
  route = {
    ["GET /*"] = function(event, path)
      local task_id, rest = path:match "^([%w-]+)(.*)$"
      if rest == "" then
        return status(event, task_id)
      elseif rest == "/model" then
        return model(event, task_id)
      end
      return 404
    end,
  },
})

function module.unload()
  client:close()
end
