--- Names and captions are data: they cannot end a header line, an SQL statement or a terminal line.

local cli = require "support.cli"
local cjson = require("cjson").new()
local journal = require "novita.batch.journal"
local support = require "support.client"

local EVIL <const> = {
  "a\r\nX-Evil: 1\r\n\r\nGET / HTTP/1.1",
  "a', 'x'); DROP TABLE job; --",
  'b"; DELETE FROM meta; --',
  "c\27[2J\27]0;title\7",
  "d\u{9b}31m\u{202e}",
  "<script>alert(1)</script>",
  "%s%n$(touch /tmp/x)`id`",
}

describe("a name or caption with an injection", function()
  for number, text in ipairs(EVIL) do
    it(("is sent as it is, in the body alone: %q"):format(text), function()
      local service <close> = support.service()
      local client <close> = support.client(service)
      local body = support.body(function(wanted)
        wanted.name = text
        wanted.image_dataset_items[1].caption = text
        wanted.expert_setting.instance_prompt = text
      end)
      assert.is_string((client.trainings:create("subject", body)))
      local requests = support.requests(service, "create")
      assert.equal(1, #requests)
      assert.equal(1, #service:requests())
      local sent = cjson.decode(requests[1].body)
      assert.equal(text, sent.name)
      assert.equal(text, sent.image_dataset_items[1].caption)
      for name in pairs(requests[1].headers) do assert.not_equal("x-evil", name) end
    end)

    it(("is kept in a journal as it is: %q"):format(text), function()
      local folder <close> = support.folder()
      local path = folder.path .. "/run.db"
      local held = assert(journal.open(path))
      held:plan { { key = "k" .. text, name = text, task_name = text .. number,
        task_type = "subject",
        params = "{}" } }
      local job = held:job(1)
      held:set(job, { stage = "failed", task_id = text, model_name = text,
        error = { kind = "api", code = "FAILED", message = text } })
      held:uploaded(job, { { source = text, hash = text, assets_id = text } })
      held:close()
      local seen = assert(journal.view(path))
      assert.equal(text, seen:job(1).name)
      assert.equal(text, seen:job(1).error.message)
      assert.equal(text, seen:photos(seen:job(1))[1].assets_id)
      assert.equal(1, seen:counts().failed)
      seen:close()
    end)
  end
end)

describe("a task id with an injection", function()
  it("stays within the query", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    client.trainings:get("a b&c=d#e\r\nX-Evil: 1/../../v3/user?x", "subject")
    local request = support.requests(service, "status")[1]
    assert.equal("/v3/training/subject", request.path)
    assert.is_nil(request.headers["x-evil"])
    assert.is_nil(request.target:find "[ #\r\n]")
  end)
end)

describe("messages of the service", function()
  it("reach a terminal without their escape sequences", function()
    local service <close> = support.service()
    service:fault { kind = "status", status = 400, forever = true, route = "*",
      body = '{"code":400,"reason":"VALIDATOR","message":"x\\u001b[2J\\u001b]0;t\\u0007\\u009b1m'
        .. '\\u202ey\\r\\nz"}' }
    local shown = cli.run({ "balance" },
      { NOVITA_API_KEY = service.api_key, NOVITA_BASE_URL = service.base_url })
    assert.not_equal(0, shown.status)
    local text = shown.out .. shown.err
    assert.is_truthy(text:find("VALIDATOR", 1, true))
    assert.is_nil(text:find("\27", 1, true))
    assert.is_nil(text:find("\u{9b}", 1, true))
    assert.is_nil(text:find("\u{202e}", 1, true))
    assert.is_nil(text:find "[\0-\8\11-\31\127]")
  end)
end)
