--- The line of the total of a batch: "21.0 a minute, 3 s left" beside a job with 9 s left.

local batch_view = require "novita.cli.batch.view"

describe("the total of a batch", function()
  local function text(per_minute, eta, ...)
    local active = {}
    for i, left in ipairs { ... } do
      active[i] = { eta = left }
    end
    local status = { counts = { serving = 1, training = 2 }, active = active,
      per_minute = per_minute, eta = eta }
    return batch_view.total({ utf8 = false }, status, 50).text
  end

  it("has a rate that fits, and never less time than a job", function()
    assert.equal("1/3 done, 21 jobs/min, 9 s left", text(21.04, 3, 9, 4))
    assert.equal("1/3 done, 1.5 jobs/min, 40 s left", text(1.5, 40, 9))
    assert.equal("1/3 done, 6.0 jobs/h, 20:00 left", text(0.1, 1200))
    assert.equal("1/3 done", text(nil, nil, 9))
  end)
end)
