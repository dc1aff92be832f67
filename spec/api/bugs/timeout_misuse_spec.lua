--- A timeout that is not a number was reported as "bad argument #-2 to 'download'" at a line of
-- novita, and NaN meant no timeout. The timeout of a model's download did not include the request
-- for its link.

local core = require "novita.core"
local refusal = require "support.refusal"
local responses = require "support.responses"
local GeneratedImage = require "novita.client.generated_image"
local support = require "support.client"

describe("a timeout", function()
  local client = responses.client(function() error "nothing may be sent" end)
  local generated = GeneratedImage.new(client, { image_url = "https://127.0.0.1:9/a.png" })

  local calls = {
    ["generated:save"] = function(...) return generated:save("a.png", ...) end,
    ["generated:bytes"] = function(...) return generated:bytes(...) end,
    ["account:get"] = function(...) return client.account:get(...) end,
    ["account:balance"] = function(...) return client.account:balance(...) end,
    ["trainings:list():all"] = function(...) return client.trainings:list():all(...) end,
    ["models:list():first"] = function(...) return client.models:list():first(...) end,
    ["models:find"] = function(...) return client.models:find("m", nil, ...) end,
    ["assets:upload"] = function(...)
      return client.assets:upload({ bytes = "x", extension = "png" }, ...)
    end,
  }

  for name, call in pairs(calls) do
    it("of " .. name .. " is a number of seconds", function()
      for _, wrong in ipairs { "soon", 0 / 0, {} } do
        assert.matches("^timeout must be a number of seconds, got .*$", refusal(call, wrong))
      end
    end)
  end

  it("of a model's download counts from the start", function()
    local service <close> = support.service()
    local impatient <close> = support.client(service)
    local model = assert(impatient:attach { task_id = support.training(impatient),
      task_type = "subject" }:wait(10))
    service:fault { kind = "hang", route = "models", forever = true }
    local began = core.now()
    local path, err = model:save("model", { timeout = 0.2 })
    assert.is_true(core.now() - began < 2)
    assert.is_nil(path)
    assert.equal("timeout", err.kind)
  end)
end)
