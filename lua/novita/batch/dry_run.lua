--- Plans what a run would do with each job of a journal, for the user to read before paying.

local check_photos = require "novita.batch.check_photos"
local forget = require "novita.batch.forget"
local lost = require "novita.batch.models.lost"
local plan = require "novita.batch.plan"
local money = require "novita.batch.payment.money"
local price_kind = require "novita.batch.payment.price_kind"
local plan_text = require "novita.batch.plan_text"
local space = require "novita.batch.models.space"
local stages = require "novita.batch.stages"

---@class novita.batch.PlanLine
---@field name string
---@field stage string
---@field paid boolean whether its training exists at the service
---@field task_type string
---@field base_model string
---@field width integer
---@field height integer
---@field steps? integer
---@field images? integer
---@field images_now? integer that its folder has, if it was paid for with another number
---@field host? string the other machine that has its photos; they were not checked here
---@field problem? string why it would fail, or why it failed
---@field warnings string[]
---@field skipped novita.SkippedFile[] files in its folder that are not used
---@field left_out? string the same as one line
---@field findings string[] what `dataset:check` finds in its photos
---@field notes string[] how its photos are cropped
---@field crops { name: string, crop: novita.UsedCrop }[] the part of each photo that is used

---@class novita.batch.Plan
---@field lines novita.batch.PlanLine[]
---@field jobs integer all jobs
---@field to_pay integer trainings that a run would create
---@field images integer of those trainings
---@field paid integer trainings that exist already
---@field unclear integer trainings that may exist: a run checks with the service first
---@field problems integer jobs that cannot be trained
---@field prices { title: string, trainings: integer, units?: integer, uncertain?: integer,
--- seen_at?: number, verified?: boolean }[] of the trainings to pay for, by kind; units of 0.0001
--- USD; none: not known; not verified: it may be more
---@field has_prices boolean whether one of them is known
---@field order table[] of the trainings to pay for, the entry of `prices` of each
---@field spent number USD that runs with a budget have paid, at most
---@field unpriced integer of their payments, those whose price is not known yet
---@field unbudgeted integer trainings that runs without a budget have paid for
---@field budget? number USD, of the run
---@field samples? table the option `samples` of the run
---@field samples_to_order integer jobs whose images the run would order
---@field models? { folder: string, bytes?: number, free?: number, missing: integer } where models are
--- kept, how much space those to pay for need, how much there is, and how many kept files are
--- missing; none: they are not kept
local Plan = { __name = "novita.batch.Plan", __tostring = plan_text }

local function crops_of(items)
  local crops = {}
  for _, item in ipairs(items) do
    local crop = item.facts and item.facts.crop
    crops[#crops + 1] = crop and { name = item.name, crop = crop } or nil
  end
  return crops
end

local function line_of(row, training, loop, host)
  local items, found, notes
  if stages.is_unpaid(row.stage) and not host then
    items, found, notes = check_photos.prepare(training, loop)
  end
  local err = not items and found or nil
  local params, left_out = training.partial_body, training.left_out
  return {
    name = row.name,
    stage = row.stage,
    paid = row.task_id ~= nil,
    host = host,
    task_type = row.task_type,
    base_model = params.base_model,
    width = params.width,
    height = params.height,
    steps = params.expert_setting and params.expert_setting.max_train_steps,
    images = items and #items or row.images,
    images_now = not host and check_photos.changed(row, training) or nil,
    problem = err and err.message or row.error and row.error.message,
    warnings = training.warnings,
    skipped = items and items.skipped or {},
    left_out = left_out,
    findings = items and found or {},
    notes = notes or {},
    crops = crops_of(items or {}),
  }
end

-- Whether a run with the option would order sample images for a job, unless its training fails.
local function orders_samples(row, line)
  if row.stage == "serving" then
    return not row.samples_state or row.samples_state == "planned"
  end
  return not stages.is_final(row.stage) and not line.problem
end

local function count_price(made, journal, kind)
  local price = made.prices[kind.kind]
  if not price then
    local known = journal:price(kind.kind) or {}
    price = { title = kind.title, trainings = 0, units = known.units,
      uncertain = known.uncertain, seen_at = known.seen_at,
      verified = known.verified and known.verified == 1 }
    made.prices[kind.kind], made.prices[#made.prices + 1] = price, price
    made.has_prices = made.has_prices or price.units ~= nil
  end
  price.trainings = price.trainings + 1
  made.order[#made.order + 1] = price
end

local function count(made, line)
  made.jobs = made.jobs + 1
  if line.paid then
    made.paid = made.paid + 1
  elseif line.stage == "submitting" then
    made.unclear = made.unclear + 1
  elseif stages.is_unpaid(line.stage) and line.problem then
    made.problems = made.problems + 1
  elseif stages.is_unpaid(line.stage) then
    made.to_pay = made.to_pay + 1
    made.images = made.images + (line.images or 0)
  end
end

-- Where the models are kept, and how much space those that are to be paid for need.
local function models_of(made, journal, folder)
  local models, first = made.to_pay + made.unclear, journal:next(stages.unpaid, 0)
  local size = journal:largest_model() or first and space.estimate(first.params) or 0
  return { folder = folder, bytes = models > 0 and size > 0 and models * size or nil,
    free = space.free(folder), missing = lost.count(journal) }
end

-- The options of the run, or those that the journal remembers.
local function add_options(made, journal, options)
  local units = not options.no_budget and not options.budget and journal:budget()
  made.budget = options.budget or units and money.usd(units) or nil
  made.samples = not options.no_samples and (options.samples or journal:sample_options()) or nil
  made.samples_to_order = made.samples and made.samples_to_order or 0
  local folder = options.models or journal:models_folder()
  made.models = folder and models_of(made, journal, folder)
end

--- Plans a run without running it. The photos of unpaid jobs are decoded.
---@param journal novita.batch.Journal
---@param loop novita.async.Loop that waits for the worker threads
---@param only? integer the id of the only job of the run
---@param options novita.BatchRunOptions checked
---@return novita.batch.Plan
local function dry_run(journal, loop, only, options)
  local payments = money.facts(journal:payment_sums())
  local made = { lines = {}, jobs = 0, to_pay = 0, images = 0, paid = 0, unclear = 0, problems = 0,
    samples_to_order = 0, prices = {}, has_prices = false, order = {}, spent = payments.paid,
    unpriced = payments.unpriced,
    unbudgeted = math.max(0, stages.count_trained(journal:counts()) - payments.trainings) }
  for row in journal:jobs { id = only } do
    if not forget.is_forgotten(row) then
      local training = plan.training(row.params, row.task_name)
      local line = line_of(row, training, loop, journal:elsewhere(row))
      local before = made.to_pay
      made.lines[made.jobs + 1] = line
      made.samples_to_order = made.samples_to_order + (orders_samples(row, line) and 1 or 0)
      count(made, line)
      if made.to_pay > before and line.images then
        count_price(made, journal, price_kind.training(training, line.images))
      end
    end
  end
  add_options(made, journal, options)
  return setmetatable(made, Plan)
end

return dry_run
