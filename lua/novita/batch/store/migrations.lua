--- The journal's tables, as one step from each version of the schema to the next.
-- A released step never changes: add a new one after it.

-- A parameter of the jobs gets another name, if its job has it.
local function renamed(old, new)
  local sql = ([[UPDATE job SET params = json_remove(
      json_set(params, '$.NEW', json_extract(params, '$.OLD')), '$.OLD')
    WHERE json_valid(params) AND json_type(params, '$.OLD') IS NOT NULL]])
    :gsub("NEW", new):gsub("OLD", old)
  return sql
end

-- The paths of photos start from the folder of the journal. A job keeps its key.
local function relative_paths(db, portable)
  for _, row in ipairs(db:rows "SELECT id, params FROM job") do
    db:run("UPDATE job SET params = ? WHERE id = ?", portable(row.params), row.id)
  end
end

return {
  {
    [[CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID]],
    -- state: planned preparing uploading ready intent submitted running
    --        serving failed canceled parked abandoned
    -- key: hash of the form. attempt: how often the user restarted the training. intent_at: by
    -- the service's clock. error: JSON.
    [[CREATE TABLE job (
        seq INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        task_name TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        form TEXT NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        posts INTEGER NOT NULL,
        photos INTEGER,
        intent_at REAL,
        task_id TEXT,
        model_name TEXT,
        error TEXT,
        planned_at REAL NOT NULL,
        started_at REAL,
        submitted_at REAL,
        ended_at REAL,
        samples_state TEXT,
        samples TEXT)]],
    [[CREATE INDEX job_by_state ON job (state, seq)]],
    -- source: path, inode, size and times of the file; hash: of the uploaded bytes
    [[CREATE TABLE photo (
        job INTEGER NOT NULL,
        position INTEGER NOT NULL,
        source TEXT NOT NULL,
        hash TEXT NOT NULL,
        assets_id TEXT NOT NULL,
        PRIMARY KEY (job, position)) WITHOUT ROWID]],
    -- when each job entered which state, for reports
    [[CREATE TABLE event (job INTEGER NOT NULL, at REAL NOT NULL, state TEXT NOT NULL)]],
    [[CREATE INDEX event_by_job ON event (job, at)]],
  },
  { -- version 2: the state intent is called submitting, parked needs_review, a form params
    [[ALTER TABLE job RENAME COLUMN form TO params]],
    [[UPDATE job SET state = 'submitting' WHERE state = 'intent']],
    [[UPDATE job SET state = 'needs_review',
        error = replace(error, '"code":"parked"', '"code":"needs_review"')
      WHERE state = 'parked']],
    [[UPDATE job SET samples_state = 'submitting' WHERE samples_state = 'intent']],
    [[UPDATE event SET state = 'submitting' WHERE state = 'intent']],
    [[UPDATE event SET state = 'needs_review' WHERE state = 'parked']],
  },
  { -- version 3: the service's names. A job keeps its key, the hash of its params of then.
    [[ALTER TABLE job RENAME COLUMN kind TO task_type]],
    [[UPDATE job SET params = json_remove(
        json_patch(params, json_extract(params, '$.expert_setting')), '$.expert_setting')
      WHERE json_valid(params) AND json_type(params, '$.expert_setting') = 'object']],
    renamed("kind", "task_type"),
    renamed("steps", "max_train_steps"),
    renamed("batch_size", "train_batch_size"),
  },
  { -- version 4: a job has a stage, with the words of a task's status. Whether a task that was
    -- submitted is queuing is unknown.
    [[ALTER TABLE job RENAME COLUMN seq TO id]],
    [[ALTER TABLE job RENAME COLUMN state TO stage]],
    [[ALTER TABLE job RENAME COLUMN photos TO images]],
    [[ALTER TABLE event RENAME COLUMN state TO stage]],
    [[UPDATE job SET stage = 'unknown' WHERE stage = 'submitted']],
    [[UPDATE job SET stage = 'training' WHERE stage = 'running']],
    [[UPDATE event SET stage = 'unknown' WHERE stage = 'submitted']],
    [[UPDATE event SET stage = 'training' WHERE stage = 'running']],
  },
  { -- version 5. misses: responses in a row that were lost without a listed task. Reserved:
    -- samples_task_id.
    [[ALTER TABLE job ADD COLUMN misses INTEGER NOT NULL DEFAULT 0]],
    [[ALTER TABLE job ADD COLUMN samples_task_id TEXT]],
  },
  { -- version 6: the age of uploads
    [[ALTER TABLE photo ADD COLUMN uploaded_at REAL]],
  },
  { relative_paths }, -- version 7
  { -- version 8: samples_params, the option `samples` of the order, and why the images are missing
    [[ALTER TABLE job ADD COLUMN samples_params TEXT]],
    [[ALTER TABLE job ADD COLUMN samples_error TEXT]],
  },
  { -- version 9: the part of each photo that was uploaded, as JSON
    [[ALTER TABLE photo ADD COLUMN crop TEXT]],
  },
  { -- version 10: the files of models. request: the body that was paid for, as JSON, and the
    -- version of novita that has sent it.
    [[ALTER TABLE job ADD COLUMN model_state TEXT]],
    [[ALTER TABLE job ADD COLUMN model_path TEXT]],
    [[ALTER TABLE job ADD COLUMN model_bytes REAL]],
    [[ALTER TABLE job ADD COLUMN model_sha256 TEXT]],
    [[ALTER TABLE job ADD COLUMN model_error TEXT]],
    [[ALTER TABLE photo ADD COLUMN name TEXT]],
    [[CREATE TABLE request (
        job INTEGER PRIMARY KEY,
        body TEXT NOT NULL,
        version TEXT NOT NULL)]],
  },
  { -- version 11: when the service last reported a higher percentage of a training
    [[ALTER TABLE job ADD COLUMN progress_at REAL]],
  },
  { -- version 12: payments of runs with a budget. Amounts are in units of 0.0001 USD. kind: a hash
    -- of all that may change the price. balance: before the payment, if it was read. reserved: NULL
    -- if the price was not known then. budget_left: after the reservation. state: sent, or made
    -- once the service has it.
    [[CREATE TABLE payment (
        id INTEGER PRIMARY KEY,
        job INTEGER NOT NULL,
        what TEXT NOT NULL,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        at REAL NOT NULL,
        state TEXT NOT NULL,
        balance REAL,
        reserved REAL,
        budget REAL NOT NULL,
        budget_left REAL)]],
    [[CREATE INDEX payment_by_job ON payment (job, id)]],
    [[CREATE TABLE price (
        kind TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        units REAL NOT NULL,
        uncertain REAL NOT NULL,
        seen_at REAL NOT NULL)]],
  },
  { -- version 13. verified: 0 if an earlier run was killed before it saw the price, which a later
    -- one has read from the balance: money may have come into the account meanwhile
    [[ALTER TABLE price ADD COLUMN verified INTEGER NOT NULL DEFAULT 1]],
  },
}
