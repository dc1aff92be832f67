-- A mark of UTF-8 at the start of a key file became a part of the key, and JSON with one was not
-- read.

local novita = require "novita"
local json = require "novita.json"
local support = require "support.client"
local fixtures = require "support.fixtures"

local MARK <const> = "\xEF\xBB\xBF"

describe("a byte order mark", function()
  local folder

  before_each(function() folder = support.folder() end)
  after_each(function() os.execute("rm -rf '" .. folder.path .. "'") end)

  local function key_file(text)
    local path = folder.path .. "/key"
    fixtures.write(path, text)
    assert(os.execute("chmod 600 " .. path))
    return path
  end

  it("is no part of the key in a key file", function()
    local service <close> = support.service()
    local path = key_file(MARK .. service.api_key .. "\r\n")
    local client <close> = novita.client { base_url = service.base_url, key_file = path }
    assert(client.account:get())
  end)

  it("of UTF-16 is named", function()
    local ok, message = pcall(novita.client, { key_file = key_file("\xFF\xFEs\0k\0") })
    assert.is_false(ok)
    assert.matches("is UTF%-16: save it as plain text or UTF%-8", message)
  end)

  it("before JSON is ignored", function()
    assert.same({ a = 1 }, json.decode(MARK .. '{"a":1}'))
    assert.is_nil((json.decode(MARK)))
    assert.is_nil((json.decode(MARK .. MARK .. "{}")))
  end)

  it("before a response is ignored, by a wait too", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "status", status = 200, route = "create",
      body = MARK .. '{"task_id":"t1"}' }
    assert.equal("t1", (client.trainings:create("subject", support.body())))
    service:fault { kind = "status", status = 200, route = "status", forever = true,
      body = MARK .. '{"task_status":"SUCCESS","models":[{"model_name":"m","model_status":'
        .. '"SERVING"}]}' }
    local model = assert(client:attach { task_id = "t1", task_type = "subject" }:wait(30))
    assert.equal("m", model.model_name)
  end)
end)
