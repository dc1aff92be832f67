--- A number too large for a double was accepted, and then the emulator's ledger raised, because
--- such a number cannot be written as JSON. NaN, Infinity and hexadecimal numbers were accepted as
--- JSON.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

local BODY <const> = [[{"name":"t1","base_model":"v1-5-pruned-emaonly","width":512,"height":512,
  "image_dataset_items":[{"assets_id":"a"}],"expert_setting":{"instance_prompt":"ohwx",
  "class_prompt":"person","prior_loss_weight":%s}}]]

describe("a number in a body", function()
  for _, number in ipairs { "1e999", '"1e999"', "NaN", "Infinity", "0x10", '"0x10"' } do
    it("is not " .. number, function()
      local service <close> = assert(emulator.start { speed = 0 })
      local response = helper.api(service, "POST", "/v3/training/subject", BODY:format(number))
      assert.equal(400, response.status)
      assert.equal("CODEC", response.json.reason)
      assert.equal(0, #service:ledger().tasks)
    end)
  end

  for _, number in ipairs { "1e-4", '"1e-4"', '"0.0003"', "1E+2", '"16"' } do
    it("may be " .. number, function()
      local service <close> = assert(emulator.start { speed = 0 })
      local response = helper.api(service, "POST", "/v3/training/subject", BODY:format(number))
      assert.equal(200, response.status, response.body)
      assert.equal(1, #service:ledger().tasks)
    end)
  end
end)
