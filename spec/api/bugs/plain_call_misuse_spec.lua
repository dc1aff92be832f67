--- A plain call without its argument was sent anyway: a training without a body as a GET, an id
--- that is nil as "nil". The error for a body that cannot be JSON did not name the caller's line.

local refusal = require "support.refusal"
local responses = require "support.responses"

describe("a plain call", function()
  local client, requests = responses.client '{"task_id":"t"}'

  after_each(function()
    assert.equal(0, #requests)
  end)

  for what, create in pairs {
    ["create training"] = function(body) return client.trainings:create("subject", body) end,
    ["txt2img"] = function(body) return client.images:txt2img(body) end,
    ["img2img"] = function(body) return client.images:img2img(body) end,
  } do
    it("takes a body: " .. what, function()
      assert.equal(what .. ": the body must be a table as on the API's page, got nil",
        refusal(create))
      assert.equal(what .. ': the body must be a table as on the API\'s page, got "x"',
        refusal(create, "x"))
    end)

    it("takes a body that can be JSON: " .. what, function()
      local round = {}
      round.prompt, round.name = round, round
      for _, wrong in ipairs { print, 0 / 0, round } do
        local body = what == "create training" and { name = wrong }
          or { request = { prompt = wrong } }
        assert.matches("^" .. what .. ": the body cannot be encoded: json: ", refusal(create, body))
      end
    end)

    it("refuses a mistyped name at any depth, before anything is paid: " .. what, function()
      local bodies = {
        ["create training"] = { name = "a", components = { { args = { { nam = "x" } } } } },
        txt2img = { request = { prompt = "a", loras = { { model_nam = "x" } } } },
        img2img = { extra = { webhook = { test_mode = { enable = true } } } },
      }
      assert.matches(": did you mean [%w_.%[%]]+%?$", refusal(create, bodies[what]))
    end)
  end

  it("takes an id", function()
    for _, wrong in ipairs { false, "", 7, {} } do
      wrong = wrong or nil
      assert.matches("^task_id must be a non%-empty string, got .+", refusal(function()
        return client.trainings:get(wrong, "subject")
      end))
      assert.matches("^task_id must be a non%-empty string, got .+", refusal(function()
        return client.images:get(wrong)
      end))
    end
  end)

  it("takes a format", function()
    for _, wrong in ipairs { false, "jpg", 7 } do
      wrong = wrong or nil
      assert.matches('^file_extension must be "jpeg", "png" or "webp", got .+',
        refusal(function() return client.assets:create(wrong) end))
    end
  end)
end)
