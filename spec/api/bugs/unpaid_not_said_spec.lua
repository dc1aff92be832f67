--- An outage before the paid request ended a training with "no connection": nothing said that
--- nothing was paid, so that a person had to look before running the script again.

local fixtures = require "support.fixtures"
local support = require "support.client"

describe("a training that fails before it is paid for", function()
  local service, folder

  setup(function()
    service, folder = support.service(), fixtures.folder(1)
  end)

  teardown(function()
    service:stop()
    getmetatable(folder).__close(folder)
  end)

  local function message(fault, more, call)
    fault.forever = true
    service:fault(fault)
    local client <close> = support.client(service, more or { retry = { attempts = 1 } })
    local none, err = (call or client.train)(client, fixtures.form(folder.path)):wait(30)
    service:clear_faults()
    assert.is_nil(none)
    return err.message, err
  end

  it("says so, and whether to run it again", function()
    local text, err = message { kind = "reset_before", route = "presign" }
    assert.is_true(err.retryable)
    assert.matches("^upload photo01%.jpg: .*; nothing was paid: run it again$", text)
    text = message { kind = "status", status = 404, route = "presign",
      body = '{"code":404,"reason":"NOT_FOUND","message":"gone"}' }
    assert.matches("^upload photo01%.jpg: .*; nothing was paid$", text)
  end)

  it("says so if the paid request itself is refused, and never if that is unclear", function()
    local refused = { kind = "status", status = 400, route = "create",
      body = '{"code":400,"reason":"INVALID_REQUEST_BODY","message":"no"}' }
    assert.matches("; nothing was paid$", (message(refused)))
    local text, err = message { kind = "reset_before", route = "create" }
    assert.is_true(err.ambiguous)
    assert.is_nil(text:find "nothing was paid")
  end)

  it("says so with a journal, too", function()
    local journal = { journal = folder.path .. "/out.db", retry = { attempts = 1 } }
    local text = message({ kind = "status", status = 404, route = "presign",
      body = '{"code":404,"reason":"NOT_FOUND","message":"gone"}' }, journal)
    assert.matches("; nothing was paid$", text)
  end)

  it("says so of images that are refused", function()
    local text = message({ kind = "status", status = 400, route = "txt2img",
      body = '{"code":400,"reason":"INVALID_REQUEST_BODY","message":"no"}' }, nil, function(client)
      return client:generate { model_name = "realisticVisionV51_v51VAE_94301.safetensors",
        prompt = "a" }
    end)
    assert.matches("; nothing was paid$", text)
  end)
end)
