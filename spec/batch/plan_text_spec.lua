--- A dry run of 300 jobs had 907 lines, and the one photo that cannot be used was among them.

local plan_text = require "novita.batch.plan_text"

local function plan_of(count)
  local made = { lines = {}, jobs = count, to_pay = count - 3, images = 10, paid = 1, unclear = 0,
    problems = 1, prices = {} }
  for i = 1, count do
    made.lines[i] = { name = "job" .. i, stage = "planned", task_type = "subject", width = 512,
      height = 512, base_model = i == 4 and "other" or "v1-5", images = 9 + i, warnings = {},
      skipped = {}, findings = { "dark", "blurred" }, notes = {} }
  end
  local lines = made.lines
  lines[2].problem, lines[2].images = "b.jpg is text", nil
  lines[3].stage, lines[3].findings, lines[3].images_now = "serving", {}, 7
  lines[5].skipped, lines[5].left_out = { { path = "x" }, { path = "y" } }, "job5: 2 files are"
  return made
end

describe("the text of a plan", function()
  it("lists up to 20 jobs", function()
    local text = plan_text(plan_of(20))
    for i = 1, 20 do
      assert.matches("\n  job" .. i .. " ", text, 1, true)
    end
    assert.not_matches("verbose", text)
  end)

  it("counts more of them by their settings, and lists those with a problem", function()
    local made = plan_of(300)
    assert.equal([[
subject of v1-5, 512 x 512: 299 jobs
    297 to be paid for, with 10 to 309 photos each
  job2      ? photos  cannot be trained: b.jpg is text
  job3     12 photos  done (its folder has 7 photos now)
subject of other, 512 x 512: 1 job
      1 to be paid for, with 13 photos each
2 files are left out, in 1 folder
598 findings about the photos of 299 jobs
(--verbose lists every job, file and finding)
300 jobs: 297 trainings to pay for, with 10 photos; 1 paid for already; 1 cannot be trained
models: they stay at the service; --models FOLDER also saves their files]], plan_text(made))
    local _, count = plan_text(made, true):gsub("\n", "")
    assert.is_true(count > 900)
  end)

  it("says what a budget has left and allows, also when it is used up", function()
    local dear = { title = "x", units = 10000, uncertain = 1, verified = true, seen_at = 0,
      trainings = 3 }
    local function lines_of(budget, spent, unpriced, order)
      local made = plan_of(5)
      made.budget, made.spent, made.unpriced, made.order = budget, spent, unpriced, order
      made.has_prices = true
      return select(3, plan_text(made):find "\n(budget .*)\nmodels:")
    end
    assert.equal("budget 3.0000 USD: 3.0003 paid or reserved, 0.0003 above it\n"
      .. "the budget allows 0 of 2 trainings: all need a budget of 5.0005 USD",
      lines_of(3, 3.0003, 0, { dear, dear }))
    assert.equal("budget 3.0000 USD: 0.0000 paid or reserved, 3.0000 left\n"
      .. "the budget allows 2 of 3 trainings: all need a budget of 3.0003 USD",
      lines_of(3, 0, 0, { dear, dear, dear }))
    assert.equal("budget 3.0003 USD: 0.0000 paid or reserved, 3.0003 left",
      lines_of(3.0003, 0, 0, { dear, dear, dear }))
    assert.equal("budget 3.0000 USD: 0.0000 paid or reserved, and 1 payment of a price that is not "
      .. "known yet, at most 3.0000 left", lines_of(3, 0, 1, { dear, { trainings = 1 } }))
  end)

  it("says what a budget does not count", function()
    local made = plan_of(5)
    made.budget, made.spent, made.unpriced, made.unbudgeted = 3, 0, 0, 2
    made.has_prices = true
    made.prices = { { title = "x", units = 10000, uncertain = 1, verified = true, seen_at = 0,
      trainings = 2 }, { title = "y", trainings = 1 } }
    made.order = { made.prices[1], made.prices[1], made.prices[2] }
    local text = plan_text(made)
    assert.matches("\nbudget 3.0000 USD: 0.0000 paid or reserved, 3.0000 left; 2 trainings paid "
      .. "for without a budget are not in it\nthe budget does not count the 1 training of unknown "
      .. "price: ", text, 1, true)
  end)
end)
