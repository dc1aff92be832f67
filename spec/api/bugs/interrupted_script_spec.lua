-- Ctrl-C in a plain script ended it with "interrupted!" and a traceback: no word of the training
-- that was paid for and continues, and no id anywhere.

local cli = require "support.cli"
local fixtures = require "support.fixtures"

local SCRIPT <const> = [[
  local novita = require "novita"
  local client%s = novita.client { poll = { first = 0, min = 0.02, max = 0.05 }%s }
  local task = client:train { task_type = "subject", name = "anna", images = "%s",
    base_model = "v1-5-pruned-emaonly", size = 512, max_train_steps = 500,
    instance_prompt = "a photo of ohwx cat", class_prompt = "person" }
  for status in task:updates() do
    if status.task_id then break end
  end
  os.execute "(sleep 0.2; kill -INT $PPID) &"
  task:wait()
]]

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

-- The host of the sanitized specs does not turn the signal into an error, as lua5.4 does.
local lua_it = os.getenv "NOVITA_SANITIZED" and pending or it

describe("Ctrl-C in a script", function()
  local service, folder
  setup(function()
    service, folder = fixtures.service { queue_seconds = math.huge }, cli.folder()
    cli.photos(folder .. "/anna", 1)
  end)
  teardown(function()
    service:stop()
    cli.remove(folder)
  end)

  local function interrupted(close, journal)
    local output, status = fixtures.program(SCRIPT:format(close, journal, folder .. "/anna"),
      ("env NOVITA_API_KEY=%s NOVITA_BASE_URL=%s"):format(service.api_key, service.base_url))
    local tasks = service:ledger().tasks
    assert.equal(1, status)
    has(output, "interrupted!")
    return output, tasks[#tasks].id
  end

  for _, close in ipairs { "", " <close>" } do
    lua_it("says what continues at the service: local client" .. close, function()
      local output, id = interrupted(close, "")
      has(output, ('subject "anna": task %s continues at the service; client:attach { task_id = '
        .. '"%s", task_type = "subject" } waits for it\n'):format(id, id))
    end)
  end

  lua_it("says that a script with a journal waits for it again", function()
    local output, id = interrupted("", (", journal = %q"):format(folder .. "/a.db"))
    has(output, ('"anna": task %s continues at the service; the same script waits'):format(id))
  end)
end)
