--- Reads the data of a report from the journal of a batch.

local attention = require "novita.cli.attention"
local lost = require "novita.batch.models.lost"
local shell = require "novita.cli.shell"
local stages = require "novita.batch.stages"

local facts = {}

---@class novita.cli.Span a time in one phase
---@field phase "prepare"|"upload"|"submit"|"train"
---@field from number unix seconds
---@field to number

---@class novita.cli.ReportedJob
---@field name string
---@field stage string
---@field spans novita.cli.Span[]
---@field from? number
---@field to? number
---@field quiet? integer minutes without progress
---@field row novita.batch.Row

local phase_of = {
  preparing = "prepare",
  uploading = "upload",
  ready = "submit",
  submitting = "submit",
  unknown = "train",
  queuing = "train",
  training = "train",
  deploying = "train",
}

-- One span from each event to the next; adjacent spans of one phase are merged.
local function spans_of(events, stop)
  local spans = {}
  for i, event in ipairs(events) do
    local phase = phase_of[event.stage]
    local to = events[i + 1] and events[i + 1].at or stop
    local last = spans[#spans]
    if phase and last and last.phase == phase and last.to == event.at then
      last.to = to
    elseif phase then
      spans[#spans + 1] = { phase = phase, from = event.at, to = math.max(to, event.at) }
    end
  end
  return spans
end

local function read_job(journal, row, now)
  local events = journal:events(row)
  local over = stages.is_final(row.stage)
  local stop = over and (row.ended_at or events[#events] and events[#events].at) or now
  local spans = spans_of(events, stop or now)
  return {
    name = row.name,
    stage = row.stage,
    spans = spans,
    from = spans[1] and spans[1].from,
    to = spans[#spans] and spans[#spans].to,
    quiet = attention.quiet_minutes(journal, row, now),
    row = row,
  }
end

local function widen(all, job)
  if job.from then
    all.from = math.min(all.from or job.from, job.from)
    all.to = math.max(all.to or job.to, job.to)
  end
  all.images = all.images + (job.row.images or 0)
  all.posts = all.posts + (job.row.posts or 0)
end

--- Reads all data of a report.
---@param journal novita.batch.Journal
---@param now number unix seconds
---@return { id: string, jobs: novita.cli.ReportedJob[], counts: table, sum: table, from?: number,
--- to?: number, images: integer, posts: integer, now: number,
--- failures: novita.batch.FailureGroup[], payments: novita.batch.PaymentSum[] }
function facts.read(journal, now)
  local counts = journal:counts()
  local all = { id = journal.id, jobs = {}, counts = counts, sum = stages.sum(counts), images = 0,
    posts = 0, now = now }
  for row in lost.jobs(journal) do
    local job = read_job(journal, row, now)
    all.jobs[#all.jobs + 1] = job
    widen(all, job)
  end
  all.payments = journal:payment_sums()
  all.failures = attention.failures(journal:jobs(), "novita resume " .. shell.word(journal.path))
  return all
end

return facts
