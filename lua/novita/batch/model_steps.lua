--- Keeps the model of a job that serves: fetches its file into the folder of the journal.
--
-- The file has its name before the journal says so. If the run is killed in between, the next one
-- finds the file, checks it and does not fetch it again.

local counted = require "novita.base.counted"
local ends_run = require "novita.batch.ends_run"
local error_codes = require "novita.http.error_codes"
local job_end = require "novita.batch.job_end"
local lost = require "novita.batch.models.lost"
local models = require "novita.batch.journal.models"
local sorted_keys = require "novita.base.sorted_keys"
local space = require "novita.batch.models.space"
local stages = require "novita.batch.stages"

local LINK_WAIT <const> = 30 -- seconds at the end of a run in which a link may still appear
local LINK_INTERVAL <const> = 3
local TRIES_MOST <const> = 3 -- for a file that arrives damaged

-- The service has no sound model: fetching it again does not help.
local broken = { invalid = true, truncated = true, too_long = true, nan = true, zero = true,
  pair = true, not_a_file = true }

-- The service may list the model later, or give a link later.
local may_come = { MODEL_NOT_FOUND = true, NO_DOWNLOAD_URL = true }

local model_steps = {}

-- {====== keeping ======

-- At the end of a run, all models wait for their links together.
local function may_wait(run, err)
  if not may_come[err.code] or not run.waits_for_links then
    return false
  end
  run.links_until = run.links_until or run.backend:now() + LINK_WAIT
  return run.backend:now() < run.links_until
end

local function keep(run, job)
  return run.backend:keep_model(run.options.models, job.name, job.model_name, job.model_sha256)
end

local function fetch(run, job)
  local tries = 1
  local kept, err = keep(run, job)
  while not kept and (may_wait(run, err) or err.code == "sha256" and tries < TRIES_MOST) do
    tries = tries + (may_come[err.code] and 0 or 1)
    run:notify(job, { last_error = err })
    run.backend:sleep(may_come[err.code] and LINK_INTERVAL or 0)
    kept, err = keep(run, job)
  end
  return kept, err
end

local function fail(run, job, err)
  if ends_run(err) then
    if error_codes.is_account(err) then
      run:halt(err)
    end
    error(err, 0)
  end
  run:set(job, { model_state = broken[err.code] and "failed" or false,
    model_error = job_end.plain(err) })
end

-- The files beside it come first: a run that is killed in between does it again.
local function note(run, job, kept)
  local ok, err = run.backend:save_card(run.journal, job, kept)
  if not ok then
    return fail(run, job, err)
  elseif job.samples then
    run.backend:save_cover(kept.path, job.samples, true)
  end
  run.largest_model = math.max(run.largest_model or 0, kept.bytes)
  run:set(job, { model_state = "done", model_path = kept.path, model_bytes = kept.bytes,
    model_sha256 = kept.sha256, model_error = false }, { soon = true })
end

--- Fetches the model of a job, if it is to be kept and is not. A model without a link stays as it
--- is: the next run tries again.
---@param run novita.batch.Runner
---@param job novita.batch.Row that serves
function model_steps.run(run, job)
  if not run.options.models or job.model_state then
    return
  end
  local kept, err = fetch(run, job)
  job.last_error = nil
  if kept then
    note(run, job, kept)
  else
    fail(run, job, err)
  end
end

-- }======

-- {====== files that are missing ======

local lost_texts = {
  { "gone", "files of %s are missing and are fetched again: %s" },
  { "changed", "files of %s have another size than before and are fetched again: %s" },
  { "elsewhere", "files of %s are in another folder by now and are checked there: %s" },
}

local NAMES_MOST <const> = 5

local function names_of(jobs)
  local listed = {}
  for i = 1, math.min(#jobs, NAMES_MOST) do
    listed[i] = jobs[i].name
  end
  return table.concat(listed, ", ") .. (#jobs > NAMES_MOST and ", ..." or "")
end

-- From now on the model of a job is to be fetched, or to be found in the present folder.
local function note_lost(run, id, one)
  local job = run.journal:take_one(id)
  if job then -- else another runner works on it
    run:change(job, { model_state = false, model_error = lost.error(one) }, { release = true })
    run.journal:give_back(job)
  end
  return job
end

-- Returns the jobs by what has happened to their files, and how many are away by folder.
local function note_all(run, found)
  local noted, away = {}, {}
  for _, id in ipairs(sorted_keys(found)) do
    local one = found[id]
    if one.kind == "away" then
      away[one.folder] = (away[one.folder] or 0) + 1
      run.models_away = run.models_away + 1
    else
      local jobs = noted[one.kind] or {}
      jobs[#jobs + 1] = note_lost(run, id, one)
      noted[one.kind] = jobs[1] and jobs
    end
  end
  return noted, away
end

--- Looks for the files of the models that earlier runs have kept. Those that are gone are fetched
--- again, as if they had not been kept.
---@param run novita.batch.Runner
function model_steps.look_again(run)
  if not run.options.models then
    return
  end
  local found, only = run.backend:lost_models(run.journal, run.options.models), run.options.only
  local noted, away = note_all(run, only and { [only] = found[only] } or found)
  for _, text in ipairs(lost_texts) do
    local jobs = noted[text[1]]
    run:report(jobs and text[2]:format(counted(#jobs, "kept model"), names_of(jobs)))
  end
  for folder, count in pairs(away) do
    run:report(("files of %s are not in %s any more: mount its disk, or give the folder that they "
      .. "are in (--models, models = ...); --retry models fetches them again"):format(
      counted(count, "kept model"), folder))
  end
end

-- }======

-- {====== before a payment ======

local function count(run, kind)
  local sum = 0
  for _, stage in ipairs(stages[kind]) do
    sum = sum + (run.counts[stage] or 0)
  end
  return sum
end

-- Models that are paid for and not kept yet.
local function pending(run)
  return count(run, "paid") + models.count_missing(run.counts, run.models, run.options.models)
end

--- Checks whether the models that are paid for, and one more, have space.
---@param run novita.batch.Runner
---@param job novita.batch.Row
---@return true?
---@return novita.Error? err code "no_space"
function model_steps.check_space(run, job)
  if not run.options.models then
    return true
  end
  return run.backend:check_space(run.options.models, pending(run) + 1,
    run.largest_model or space.estimate(job.params))
end

--- Checks, before anything is paid for, that the folder takes files and has space for all models of
--- the run.
---@param run novita.batch.Runner
---@return true?
---@return novita.Error? err
function model_steps.prepare(run)
  local first = run.options.models
    and (run.options.only and run.journal:job(run.options.only)
      or run.journal:next(stages.unpaid, 0))
  if not first or not stages.is_unpaid(first.stage) then
    return true
  end
  local ok, err = run.backend:try_models(run.options.models, first.name)
  if not ok then
    return nil, err
  end
  run.largest_model = run.journal:largest_model()
  local unpaid = run.options.only and 1 or count(run, "unpaid")
  return run.backend:check_space(run.options.models, pending(run) + unpaid,
    run.largest_model or space.estimate(first.params))
end

-- }======

return model_steps
