--- The report's page: one file that needs no network and no JavaScript.

local ascii = require "novita.base.ascii"
local attention = require "novita.cli.report.attention"
local duration = require "novita.base.duration"
local facts = require "novita.cli.report.facts"
local gallery = require "novita.cli.report.gallery"
local html = require "novita.base.html"
local long_table = require "novita.cli.report.long_table"
local model_texts = require "novita.batch.models.texts"
local money = require "novita.batch.payment.money"
local style = require "novita.cli.report.style"
local stages = require "novita.batch.stages"
local timeline = require "novita.cli.report.timeline"
local version = require("novita.core").version

local page = {}

local PAGE <const> = [[
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}}</title>
<style>
{{{style}}}</style></head>
<body><main>
<header><h1>{{title}}</h1>
<p class="soft">{{when}}</p>
{{{tiles}}}{{{share}}}</header>
{{{attention}}}{{{failures}}}{{{timeline}}}{{{prices}}}{{{models}}}{{{gallery}}}
<footer>novita {{version}}, batch {{id}}, as of {{now}}</footer>
</main></body></html>
]]

local function stamp(seconds)
  return os.date("%Y-%m-%d %H:%M:%S", math.floor(seconds))
end

local function when(all)
  if not all.from then
    return "No job has started yet."
  end
  return ("From %s to %s, %s. %s."):format(stamp(all.from), stamp(all.to),
    duration(all.to - all.from), (stages.text(all.counts):gsub("^%l", ascii.upper)))
end

-- {====== totals ======

local function tile(value, word, class)
  return html.fill('<div class="tile {{class}}"><b>{{value}}</b><span>{{word}}</span></div>\n',
    { value = value, word = word, class = class or "" })
end

local function tiles(all)
  local sum = all.sum
  local hours = all.from and (all.to - all.from) / 3600 or 0
  local parts = {
    tile(sum.jobs, "jobs"),
    tile(sum.serving, "models serving", sum.serving > 0 and "good"),
    tile(sum.unsuccessful, "failed, canceled or need review", sum.unsuccessful > 0 and "bad"),
    tile(sum.open, "not ended"),
    tile(all.images, "photos"),
    tile(all.posts, "paid requests"),
  }
  if all.payments[1] then
    local paid = money.facts(all.payments)
    parts[#parts + 1] = tile(("%.4f"):format(paid.paid), paid.unpriced == 0 and "USD paid at most"
      or ("USD paid; the price of %d is not known"):format(paid.unpriced))
  end
  if hours > 0 and sum.serving > 0 then
    local rate = sum.serving / hours
    parts[#parts + 1] = tile((rate < 10 and "%.1f" or "%.0f"):format(rate), "models an hour")
  end
  return '<div class="tiles">\n' .. table.concat(parts) .. "</div>\n"
end

-- The counts as one bar.
local function share(all)
  local sum, x, parts = all.sum, 0, {}
  local abandoned = all.counts.abandoned or 0
  for _, part in ipairs { { "serving", sum.serving }, { "unsuccessful", sum.unsuccessful },
    { "abandoned", abandoned }, { "open", sum.open } } do
    local width = part[2] / math.max(sum.jobs, 1) * 1000
    parts[#parts + 1] = ('<rect class="p-%s" x="%.1f" y="0" width="%.1f" height="12"/>'):format(
      part[1], x, width)
    x = x + width
  end
  return html.fill('<svg class="share" viewBox="0 0 1000 12" preserveAspectRatio="none" '
    .. 'role="img" aria-label="{{label}}">{{{bars}}}</svg>\n', {
    label = stages.text(all.counts),
    bars = table.concat(parts),
  })
end

-- }======

-- {====== tables ======

local FAILURE <const> = [[
<tr><th scope="row">{{name}}</th><td>{{reason}}</td><td class="mono">{{task}}</td></tr>
]]

local GROUP <const> = [[
<h3><span class="stage {{stage}}">{{stage}}</span> {{count}}: {{code}}</h3>
<p class="advice">{{advice}}</p>
{{{rows}}}
]]

local FAILURES_HEAD <const> = [[
<tr><th scope="col">Job</th><th scope="col">Reason</th><th scope="col">Task</th></tr>]]

local function group(failed)
  local rows = {}
  for i, row in ipairs(failed.rows) do
    rows[i] = html.fill(FAILURE, {
      name = row.name,
      reason = row.error and row.error.message or "no reason given",
      task = row.task_id or "",
    })
  end
  return html.fill(GROUP, { stage = failed.stage, count = stages.jobs(#failed.rows),
    code = failed.code, advice = failed.advice, rows = long_table.of(FAILURES_HEAD, rows) })
end

-- By reason, with what to do about each.
local function failures(all)
  local groups = {}
  for i, failed in ipairs(all.failures) do
    groups[i] = group(failed)
  end
  return groups[1] and '<section class="failures"><h2>Failures</h2>\n' .. table.concat(groups)
    .. "</section>\n" or ""
end

local PRICE <const> = [[
<tr><th scope="row">{{title}}</th><td class="num">{{payments}}</td><td class="num">{{price}}</td>
<td class="num">{{sum}}</td></tr>
]]

-- The payments of runs with a budget, by what has one price.
local function prices(all)
  local rows = {}
  for i, row in ipairs(all.payments) do
    rows[i] = html.fill(PRICE, {
      title = row.title,
      payments = row.payments,
      price = row.units and ("%.4f ± %.4f%s"):format(money.usd(row.units),
        money.usd(row.uncertain), row.verified == 1 and "" or " or more") or "not known",
      sum = row.unpriced == 0 and ("%.4f"):format(money.usd(row.most)) or "not known",
    })
  end
  if not rows[1] then
    return ""
  end
  return '<section class="prices"><h2>Paid</h2>\n<table><thead><tr><th scope="col">What</th>'
    .. '<th scope="col" class="num">Payments</th><th scope="col" class="num">USD each</th>'
    .. '<th scope="col" class="num">USD at most</th></tr></thead><tbody>\n' .. table.concat(rows)
    .. '</tbody></table>\n<p class="advice">Seen in the balance before and after the first '
    .. "payment of each kind; other payments from the account at that moment would count, too."
    .. "</p></section>\n"
end

local MODEL <const> = [[
<tr><th scope="row">{{name}}</th><td class="mono">{{model}}</td><td class="mono">{{{file}}}</td>
<td class="mono">{{task}}</td><td class="num">{{photos}}</td></tr>
]]

local MODELS_HEAD <const> = [[
<tr><th scope="col">Job</th><th scope="col">Model</th><th scope="col">File</th>
<th scope="col">Task</th><th scope="col" class="num">Photos</th></tr>]]

-- A link to the file, which starts from the report's folder if the file is below it.
local function file_of(row, options)
  if row.model_state ~= "done" then
    return html.text(options.models_folder and row.model_state ~= "abandoned"
      and model_texts.reason(row) or "not kept")
  end
  local folder, path = options.folder and options.folder .. "/", row.model_path
  local is_below = folder and path:sub(1, #folder) == folder
  local target = is_below and path:sub(#folder + 1) or "file://" .. path
  return html.fill('<a href="{{target}}">{{name}}</a>', { name = path:match "[^/]*$",
    target = (target:gsub("[^%w/._~:-]", function(byte)
      return ("%%%02X"):format(byte:byte())
    end)) })
end

local function models(all, options)
  local rows = {}
  for _, job in ipairs(all.jobs) do
    if job.row.model_name then
      rows[#rows + 1] = html.fill(MODEL, {
        name = job.name,
        model = job.row.model_name,
        file = file_of(job.row, options),
        task = job.row.task_id or "",
        photos = job.row.images or "",
      })
    end
  end
  if not rows[1] then
    return ""
  end
  return '<section class="models"><h2>Models</h2>\n' .. long_table.of(MODELS_HEAD, rows)
    .. "</section>\n"
end

-- }======

---@class novita.cli.PageOptions
---@field title string
---@field sheets integer number of jobs whose photos are shown
---@field now? number unix seconds
---@field folder? string of the page, absolute

--- Builds the page.
---@param journal novita.batch.Journal
---@param options novita.cli.PageOptions
---@return string html
---@return table facts
function page.of(journal, options)
  local all = facts.read(journal, options.now or os.time())
  return html.fill(PAGE, {
    title = options.title,
    style = style,
    when = when(all),
    tiles = tiles(all),
    share = share(all),
    attention = attention.section(all),
    failures = failures(all),
    timeline = timeline.section(all),
    prices = prices(all),
    models = models(all, { folder = options.folder, models_folder = journal:models_folder() }),
    gallery = gallery.section(all, journal, options.sheets),
    version = version,
    id = all.id,
    now = stamp(all.now),
  }), all
end

return page
