--- A plan as text, for the user to read before paying. Many jobs are counted, and only those with
--- a problem are listed: 900 lines are not read.

local counted = require "novita.base.counted"
local finding_lines = require "novita.batch.finding_lines"
local model_texts = require "novita.batch.models.texts"
local money = require "novita.batch.payment.money"
local space = require "novita.batch.models.space"
local stages = require "novita.batch.stages"

local LISTED_MOST <const> = 20 -- jobs
local FINDINGS_MOST <const> = 3 -- lines about the photos of one of many trainings
local NAME_MOST <const> = 40 -- columns that a name may take and still be aligned

-- {====== jobs ======

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

local function changed_photos(line)
  return line.images_now and (" (its folder has %s now)"):format(counted(line.images_now, "photo"))
    or ""
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
    line.images == 1 and " " or "s", outlook(line) .. changed_photos(line))
  return (text:gsub("[\r\n]", " "))
end

local function add_jobs(texts, lines)
  local width, settings = width_of(lines), nil
  for _, line in ipairs(lines) do
    local those = settings_of(line)
    if those ~= settings then
      settings, texts[#texts + 1] = those, those
    end
    texts[#texts + 1] = text_of(line, width)
  end
end

-- }======

-- {====== many jobs ======

-- The values in the order of their keys' first use.
local function entry(list, key, new)
  if not list[key] then
    list[key], list[#list + 1] = new, new
  end
  return list[key]
end

local function count_line(kinds, line)
  local kind = entry(kinds, outlook(line), { text = outlook(line), jobs = 0 })
  kind.jobs = kind.jobs + 1
  if line.images then
    kind.least = math.min(kind.least or line.images, line.images)
    kind.most = math.max(kind.most or line.images, line.images)
  end
end

local function kind_line(kind)
  local range = kind.least and kind.least < kind.most and ("%d to "):format(kind.least) or ""
  local photos = kind.most and (", with %s%s each"):format(range, counted(kind.most, "photo"))
  return ("  %5d %s%s"):format(kind.jobs, kind.text, photos or "")
end

-- Counts the jobs of each kind, under the settings that they share. A job with a problem, and one
-- whose photos have changed, is listed.
local function add_counts(texts, lines)
  local groups, width = {}, width_of(lines)
  for _, line in ipairs(lines) do
    local title = settings_of(line)
    local group = entry(groups, title, { title = title, jobs = 0, kinds = {}, listed = {} })
    group.jobs = group.jobs + 1
    if line.problem or line.images_now then
      group.listed[#group.listed + 1] = text_of(line, width)
    else
      count_line(group.kinds, line)
    end
  end
  for _, group in ipairs(groups) do
    texts[#texts + 1] = ("%s: %s"):format(group.title, counted(group.jobs, "job"))
    for _, kind in ipairs(group.kinds) do
      texts[#texts + 1] = kind_line(kind)
    end
    table.move(group.listed, 1, #group.listed, #texts + 1, texts)
  end
end

-- How many entries the lists of this name have, and in how many lines.
local function sum_up(lines, name)
  local entries, jobs = 0, 0
  for _, line in ipairs(lines) do
    entries, jobs = entries + #line[name], jobs + (line[name][1] and 1 or 0)
  end
  return entries, jobs
end

local function add_totals(texts, lines)
  local skipped, folders = sum_up(lines, "skipped")
  if skipped > 0 then
    texts[#texts + 1] = ("%s left out, in %s"):format(counted(skipped, "file") .. (skipped == 1
      and " is" or " are"), counted(folders, "folder"))
  end
  local findings, jobs = sum_up(lines, "findings")
  if findings > 0 then
    texts[#texts + 1] = ("%s about the photos of %s"):format(counted(findings, "finding"),
      counted(jobs, "job"))
  end
  texts[#texts + 1] = "(--verbose lists every job, file and finding)"
end

-- }======

-- {====== photos ======

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

-- }======

-- {====== sums ======

local function sum_of(made)
  local parts = { ("%s: %s to pay for, with %s"):format(counted(made.jobs, "job"),
    counted(made.to_pay, "training"), counted(made.images, "photo")) }
  for _, part in ipairs { { made.paid, "%d paid for already" }, { made.unclear,
    "%d may be paid for already" }, { made.problems, "%d cannot be trained" } } do
    parts[#parts + 1] = part[1] > 0 and part[2]:format(part[1]) or nil
  end
  return table.concat(parts, "; ")
end

-- A line break in a folder's name must not look like another line.
local function one_line(text)
  return (text:gsub("[\r\n]", " "))
end

local function models_line(made)
  local models = made.models
  if not models then
    return model_texts.NOT_KEPT
  end
  return ("models: kept in %s%s%s%s"):format(one_line(models.folder),
    models.bytes and (", where they need about %s"):format(space.text(models.bytes)) or "",
    models.free and (" of %s free"):format(space.text(models.free)) or "",
    models.missing > 0 and ("; the files of %d are missing"):format(models.missing) or "")
end

local function samples_line(made)
  local samples = made.samples
  return ("sample images: %s to pay for, with %s each, in %s"):format(
    counted(made.samples_to_order, "order"), counted(samples.image_num or 1, "image"),
    one_line(samples.folder))
end

local function price_line(price)
  if not price.units then
    return ("price of %s: not known yet"):format(price.title)
  end
  return ("price of %s: %s, seen on %s%s"):format(price.title, money.price(price),
    os.date("%Y-%m-%d", math.floor(price.seen_at)),
    price.verified and "" or " after a kill, so it may be more")
end

-- All trainings of a plan, as far as their prices are known.
local function total_line(made)
  local units, uncertain, unknown = 0, 0, 0
  for _, price in ipairs(made.prices) do
    units = units + (price.units or 0) * price.trainings
    uncertain = uncertain + (price.uncertain or 0) * price.trainings
    unknown = unknown + (price.units and 0 or price.trainings)
  end
  local rest = unknown > 0 and (", and %d of unknown price"):format(unknown) or ""
  return ("to pay: %s%s"):format(money.price { units = units, uncertain = uncertain }, rest)
end

local function add_prices(texts, made)
  for _, price in ipairs(made.has_prices and made.prices or {}) do
    texts[#texts + 1] = price_line(price)
  end
  texts[#texts + 1] = made.has_prices and total_line(made) or nil
end

-- How many of the trainings a run would pay for; nil if that is all, or not known before.
local function limit_line(made)
  local units, sum, fit = money.units(made.budget), money.units(made.spent), 0
  local most = sum
  for _, price in ipairs(made.order) do
    if not price.verified then
      return nil
    end
    local costs = price.units + price.uncertain
    most = most + costs
    if sum + costs <= units then
      sum, fit = sum + costs, fit + 1
    end
  end
  return fit < #made.order and ("the budget allows %d of %s: all need a budget of %s"):format(fit,
    counted(#made.order, "training"), money.text(most)) or nil
end

-- Counts the trainings whose price is not known; nil if all are.
local function unpriced_line(made)
  local trainings = 0
  for _, price in ipairs(made.prices) do
    trainings = trainings + (price.units and 0 or price.trainings)
  end
  return trainings > 0 and ("the budget does not count the %s of unknown price: the first one of "
    .. "each kind goes alone, and its price is seen in the balance; only that one may cost more "
    .. "than what is left"):format(counted(trainings, "training")) or nil
end

-- The rest of the budget, before the run.
local function add_budget(texts, made)
  if not made.budget then
    return
  end
  texts[#texts + 1] = money.budget { usd = made.budget, paid = made.spent,
    left = money.left(made.budget, made.spent), unpriced = made.unpriced,
    unbudgeted = made.unbudgeted }
  texts[#texts + 1] = limit_line(made)
  texts[#texts + 1] = unpriced_line(made)
end

-- }======

local function add_all(texts, lines)
  add_jobs(texts, lines)
  add_warnings(texts, lines)
  add_left_out(texts, lines)
  add_findings(texts, lines)
  add_notes(texts, lines)
end

local function add_summary(texts, lines)
  add_counts(texts, lines)
  add_warnings(texts, lines)
  add_totals(texts, lines)
end

--- A plan as text.
---@param made novita.batch.Plan
---@param all? boolean list every job, however many there are
---@return string
return function(made, all)
  local texts, many = {}, #made.lines > LISTED_MOST
  local add = many and not all and add_summary or add_all
  add(texts, made.lines)
  texts[#texts + 1] = sum_of(made)
  texts[#texts + 1] = made.samples and samples_line(made) or nil
  add_prices(texts, made)
  add_budget(texts, made)
  texts[#texts + 1] = models_line(made)
  return table.concat(texts, "\n")
end
