--- The journal's tables, as steps from each version of the schema to the next.
-- A step that was released is never changed: a new one is added behind it.

return {
  {
    [[CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID]],
    -- state: planned preparing uploading ready intent submitted running
    --        serving failed canceled parked abandoned
    -- key: hash of the form. attempt: how often the training was begun anew, by a person's
    -- wish. intent_at: the service's clock. error: JSON.
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
    -- source: what the file looked like; hash: of what was uploaded
    [[CREATE TABLE photo (
        job INTEGER NOT NULL,
        position INTEGER NOT NULL,
        source TEXT NOT NULL,
        hash TEXT NOT NULL,
        assets_id TEXT NOT NULL,
        PRIMARY KEY (job, position)) WITHOUT ROWID]],
    -- what happened when: for reports
    [[CREATE TABLE event (job INTEGER NOT NULL, at REAL NOT NULL, state TEXT NOT NULL)]],
    [[CREATE INDEX event_by_job ON event (job, at)]],
  },
}
