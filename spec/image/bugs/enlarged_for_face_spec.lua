--- With face_crop the service gets whole photos of up to four times the training's size. Smaller
--- photos were enlarged to that: more to encode and to send, but no more detail.

local training_photos = require "novita.client.training_photos"
local Canvas = require "novita.image.canvas"
local scheduler = require "novita.async.scheduler"
local training_request = require "novita.forms.training_request"
local fixtures = require "support.fixtures"

describe("a photo for a face crop", function()
  local function prepared(width, height, prepare)
    local canvas = assert(Canvas.new(width, height, 3))
    local bytes = assert(canvas:encode())
    local form = fixtures.form({ { bytes = bytes } }, { face_crop = 2, prepare = prepare })
    local plan = training_request.plan(form, 1, { "prepare" })
    local source = assert(training_photos.prepare({ bytes = bytes, name = "a" },
      training_photos.preparation(plan), scheduler.own()))
    local facts = source.prepared:info()
    training_photos.free(source)
    return facts
  end

  it("is not enlarged, and passes through", function()
    local facts = prepared(800, 600)
    assert.same({ 800, 600, 1 }, { facts.width, facts.height, facts.scale })
    assert.is_true(facts.passed_through)
    facts = prepared(800, 600, { format = "png" })
    assert.same({ 800, 600 }, { facts.width, facts.height })
  end)

  it("is reduced if a side is longer than four times the training's size", function()
    local facts = prepared(3000, 1000)
    assert.same({ 2048, 683 }, { facts.width, facts.height })
  end)

  it("has the size that the request states", function()
    local facts = prepared(80, 60, { size = 100, fit = "inside" })
    assert.same({ 100, 75 }, { facts.width, facts.height })
  end)
end)
