--- Plans what a run would do with each job of a journal, for the user to read before paying.

local check_photos = require "novita.batch.check_photos"
local counted = require "novita.base.counted"
local finding_lines = require "novita.batch.finding_lines"
local plan = require "novita.batch.plan"
local money = require "novita.batch.payment.money"
local price_kind = require "novita.batch.payment.price_kind"
local forget = require "novita.batch.forget"
local stages = require "novita.batch.stages"

local FINDINGS_MOST <const> = 3 -- lines about the photos of one of many trainings
local NAME_MOST <const> = 40 -- columns that a name may take and still be aligned

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
--- seen_at?: number }[] of the trainings to pay for, by kind; units of 0.0001 USD; none: not known
---@field has_prices boolean whether one of them is known
---@field spent number USD that runs with a budget have paid, at most
local Plan = { __name = "novita.batch.Plan" }
Plan.__index = Plan

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
  local params = training.partial_body
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
    problem = err and err.message or row.error and row.error.message,
    warnings = training.warnings,
    skipped = items and items.skipped or {},
    left_out = training.left_out,
    findings = items and found or {},
    notes = notes or {},
    crops = crops_of(items or {}),
  }
end

local function count_price(made, journal, kind)
  local price = made.prices[kind.kind]
  if not price then
    local known = journal:price(kind.kind) or {}
    price = { title = kind.title, trainings = 0, units = known.units,
      uncertain = known.uncertain, seen_at = known.seen_at }
    made.prices[kind.kind], made.prices[#made.prices + 1] = price, price
    made.has_prices = made.has_prices or price.units ~= nil
  end
  price.trainings = price.trainings + 1
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

--- Plans a run without running it. The photos of unpaid jobs are decoded.
---@param journal novita.batch.Journal
---@param loop novita.async.Loop that waits for the worker threads
---@param only? integer the id of the only job of the run
---@return novita.batch.Plan
local function dry_run(journal, loop, only)
  local made = { lines = {}, jobs = 0, to_pay = 0, images = 0, paid = 0, unclear = 0, problems = 0,
    prices = {}, has_prices = false, spent = money.facts(journal:payment_sums()).paid }
  for row in journal:jobs { id = only } do
    if not forget.is_forgotten(row) then
      local training = plan.training(row.params, row.task_name)
      local line = line_of(row, training, loop, journal:elsewhere(row))
      local before = made.to_pay
      made.lines[made.jobs + 1] = line
      count(made, line)
      if made.to_pay > before and line.images then
        count_price(made, journal, price_kind.training(training, line.images))
      end
    end
  end
  return setmetatable(made, Plan)
end

-- {====== as text ======

local function width_of(lines)
  local most = 4
  for _, line in ipairs(lines) do
    most = math.max(most, math.min(utf8.len(line.name) or #line.name, NAME_MOST))
  end
  return most
end

-- The settings of a training, shown once for all following jobs that share them.
local function settings_of(line)
  local steps = line.steps and (", %d steps"):format(line.steps) or ""
  return ("%s of %s, %d x %d%s"):format(line.task_type, line.base_model, line.width, line.height,
    steps)
end

local function outlook(line)
  if stages.is_unpaid(line.stage) then
    local waits = line.host and (" (%s has the photos)"):format(line.host) or ""
    return line.problem and "cannot be trained: " .. line.problem or "to be paid for" .. waits
  elseif line.stage == "submitting" then
    return "may be paid for: checked with the service first"
  elseif line.stage == "serving" then
    return "done"
  elseif stages.is_at_service(line.stage) then
    return line.stage == "unknown" and "paid for" or "paid for, " .. line.stage
  end
  return line.problem and line.stage .. ": " .. line.problem or line.stage
end

-- A line break in a name or a path must not look like another job's line.
local function text_of(line, width)
  local pad = (" "):rep(width - (utf8.len(line.name) or #line.name))
  local text = ("  %s%s %4s photo%s  %s"):format(line.name, pad, line.images or "?",
    line.images == 1 and " " or "s", outlook(line))
  return (text:gsub("[\r\n]", " "))
end

local function add_warnings(texts, lines)
  local seen = {}
  for _, line in ipairs(lines) do
    for _, warning in ipairs(line.warnings) do
      if not seen[warning] then
        seen[warning] = true
        texts[#texts + 1] = "warning: " .. warning
      end
    end
  end
end

-- Files that are left out belong to a training that would be paid for without them.
local function add_left_out(texts, lines)
  for _, line in ipairs(lines) do
    texts[#texts + 1] = line.left_out
  end
end

-- All findings of a single training, or the first few of each of many.
local function add_findings(texts, lines)
  for _, line in ipairs(lines) do
    local found = finding_lines(line.name, line.findings, lines[2] and FINDINGS_MOST)
    table.move(found, 1, #found, #texts + 1, texts)
  end
end

-- Of one training; those of many would repeat each other.
local function add_notes(texts, lines)
  for _, note in ipairs(lines[2] and {} or lines[1] and lines[1].notes or {}) do
    texts[#texts + 1] = note:gsub("[\r\n]", " ")
  end
end

local function sum_of(made)
  local parts = { ("%s: %s to pay for, with %s"):format(counted(made.jobs, "job"),
    counted(made.to_pay, "training"), counted(made.images, "photo")) }
  for _, part in ipairs { { made.paid, "%d paid for already" }, { made.unclear,
    "%d may be paid for already" }, { made.problems, "%d cannot be trained" } } do
    parts[#parts + 1] = part[1] > 0 and part[2]:format(part[1]) or nil
  end
  return table.concat(parts, "; ")
end

function Plan:__tostring()
  local texts, width, settings = {}, width_of(self.lines), nil
  for _, line in ipairs(self.lines) do
    local those = settings_of(line)
    if those ~= settings then
      settings, texts[#texts + 1] = those, those
    end
    texts[#texts + 1] = text_of(line, width)
  end
  add_warnings(texts, self.lines)
  add_left_out(texts, self.lines)
  add_findings(texts, self.lines)
  add_notes(texts, self.lines)
  texts[#texts + 1] = sum_of(self)
  return table.concat(texts, "\n")
end

-- }======

return dry_run
