local did_you_mean = require "novita.schema.did_you_mean"

describe("the nearest name", function()
  local names = { "max_train_steps", "learning_rate", "width", "steps", "seed", "seek", "lora_r" }

  local slips = {
    { "widht", "width" }, -- two letters swapped
    { "stepss", "steps" }, -- one too many
    { "step", "steps" }, -- one too few
    { "steqs", "steps" }, -- another one
    { "lerning_rat", "learning_rate" },
    { "max_train_step", "max_train_steps" },
    { "LoRA_R", "lora_r" },
    { "seef", "seed" }, -- as near to seek: the first wins
    { "seeks", "seek" },
  }
  for _, case in ipairs(slips) do
    it(("of %s is %s"):format(case[1], case[2]), function()
      assert.equal(case[2], did_you_mean(case[1], names))
    end)
  end

  it("is the only one that ends in the written word", function()
    local options = { "api_key", "key_file", "connect_timeout", "call_timeout" }
    assert.equal("api_key", did_you_mean("key", options))
    assert.is_nil(did_you_mean("timeout", options))
  end)

  it("is none where nothing is near", function()
    for _, written in ipairs { "foo", "x", "", "lr", "heights", ("s"):rep(100000) } do
      assert.is_nil(did_you_mean(written, names))
    end
    assert.is_nil(did_you_mean("steps", {}))
  end)
end)
