--- The timeline: when each job was in which phase. Each job is a row with its own drawing, so that
--- a printed page can break between any two rows.

local duration = require "novita.base.duration"
local html = require "novita.base.html"
local long_table = require "novita.cli.report.long_table"

local timeline = {}

local WIDTH <const>, HEIGHT <const> = 1000, 14
local LEAST <const> = 2 -- minimum width of a phase, so that it is visible

timeline.phases = {
  { "prepare", "preparing photos" },
  { "upload", "uploading" },
  { "submit", "submitting" },
  { "train", "training" },
}

local words = {}
for _, phase in ipairs(timeline.phases) do
  words[phase[1]] = phase[2]
end

local function bar(span, all)
  local scale = WIDTH / math.max(all.to - all.from, 1)
  local x = (span.from - all.from) * scale
  local width = math.max((span.to - span.from) * scale, LEAST)
  return html.fill('<rect class="s-{{phase}}" x="{{x}}" y="1" width="{{width}}" height="12">'
    .. "<title>{{word}}: {{time}}</title></rect>", {
    phase = span.phase,
    x = ("%.1f"):format(math.min(x, WIDTH - LEAST)),
    width = ("%.1f"):format(math.min(width, WIDTH - math.min(x, WIDTH - LEAST))),
    word = words[span.phase],
    time = duration(span.to - span.from),
  })
end

local ROW <const> = [[
<tr><th scope="row">{{name}}</th>
<td class="lane"><svg viewBox="0 0 {{width}} {{height}}" preserveAspectRatio="none" role="img"
aria-label="{{label}}">{{{bars}}}</svg></td>
<td class="num">{{time}}</td><td><span class="stage {{stage}}">{{stage}}</span></td></tr>
]]

local function row(job, all)
  local bars, label = {}, {}
  for i, span in ipairs(job.spans) do
    bars[i] = bar(span, all)
    label[i] = ("%s %s"):format(words[span.phase], duration(span.to - span.from))
  end
  return html.fill(ROW, {
    name = job.name,
    width = WIDTH,
    height = HEIGHT,
    label = label[1] and table.concat(label, ", ") or "not started",
    bars = table.concat(bars),
    time = job.from and duration(job.to - job.from) or "",
    stage = job.stage,
  })
end

local function legend()
  local parts = {}
  for i, phase in ipairs(timeline.phases) do
    parts[i] = ('<span class="key"><i class="k-%s"></i>%s</span>'):format(phase[1], phase[2])
  end
  return table.concat(parts, "\n")
end

-- The times at the start, the middle and the end.
local function axis(all)
  local span = all.to - all.from
  return html.fill("<span>0</span><span>{{middle}}</span><span>{{last}}</span>", {
    middle = duration(span / 2),
    last = duration(span),
  })
end

local HEAD <const> = [[
<tr><th scope="col">Job</th>
<th scope="col"><div class="axis">{{{axis}}}</div></th>
<th scope="col" class="num">Time</th><th scope="col">State</th></tr>]]

local SECTION <const> = [[
<section><h2>Timeline</h2>
<p class="legend">{{{legend}}}</p>
{{{rows}}}</section>
]]

--- The section of the page; empty if no job has started.
---@param all table see novita.cli.report.facts
---@return string
function timeline.section(all)
  if not all.from then
    return ""
  end
  local rows = {}
  for i, job in ipairs(all.jobs) do
    rows[i] = row(job, all)
  end
  return html.fill(SECTION, { legend = legend(),
    rows = long_table.of(html.fill(HEAD, { axis = axis(all) }), rows, "timeline") })
end

return timeline
