--- The check of all photos before a training used the default limits instead of prepare.limits: a
--- photo within them was rejected, and a photo beyond them was found only after others had been
--- sent.

local files = require "support.files"
local training_photos = require "novita.client.training_photos"
local fixtures = require "support.fixtures"

describe("the check of all photos", function()
  local large = files.png { width = 20000, height = 20000, depth = 8, type = 0, rows = {} }

  it("has the limits of their preparation", function()
    local items = { { bytes = large, name = "large.png" } }
    assert.equal("too_large", training_photos.check(items).code)
    assert.equal("too_large", training_photos.check(items, false).code)
    assert.is_nil(training_photos.check(items, { limits = { pixels = 500000000 } }))
  end)

  it("refuses what they forbid before anything is sent", function()
    local service = fixtures.service()
    local client <close> = fixtures.client(service)
    local model, err = client:train(fixtures.form({ { bytes = fixtures.photo() } },
      { prepare = { limits = { pixels = 100 } } })):wait()
    assert.is_nil(model)
    assert.same({ "image", "too_large" }, { err.kind, err.code })
    assert.equal(0, #service:requests())
    service:stop()
  end)
end)
