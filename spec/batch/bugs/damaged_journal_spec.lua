-- A journal with damage that SQLite does not notice raised an error from inside the library, or
-- returned a job without params.

local connection = require "novita.batch.store.connection"
local errors = require "novita.base.error"
local files = require "support.files"
local journal = require "novita.batch.journal"
local noise = require "support.noise"
local support = require "support.client"

local ROUNDS <const> = 150
local sound = files.read "fuzz/corpus/journal/two_jobs"

local function write(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  file:write(bytes)
end

-- Everything that is in it, or the error.
local function read(path, open)
  return pcall(function()
    local held, err = open(path)
    if not held then error(err, 0) end
    local _ <close> = setmetatable({}, { __close = function() held:close() end })
    held:counts()
    local jobs = {}
    for job in held:jobs() do
      jobs[#jobs + 1] = job
      held:photos(job)
      held:events(job)
    end
    return jobs
  end)
end

local function assert_readable_error(err)
  assert(errors.is(err), tostring(err))
  assert.equal("journal", err.kind)
  assert.is_nil(tostring(err):find "%c")
end

describe("a damaged journal", function()
  for _, sql in ipairs {
    "UPDATE job SET attempt = 'often' WHERE id = 1",
    "UPDATE job SET params = '{\"task_type\":' WHERE id = 2",
    "UPDATE job SET error = '7' WHERE id = 1",
    "UPDATE job SET planned_at = 'once'",
    "UPDATE event SET at = 'later'",
    "UPDATE photo SET position = 'first'",
    "UPDATE photo SET crop = '7'",
    "ALTER TABLE job RENAME COLUMN params TO parans",
    "ALTER TABLE photo RENAME COLUMN hash TO hach",
    "PRAGMA user_version = -5",
  } do
    it("is one clear error: " .. sql, function()
      local folder <close> = support.folder()
      local path = folder.path .. "/a.db"
      write(path, sound)
      local db = assert(connection.open(path))
      db:run(sql)
      db:close()
      for _, open in ipairs { journal.view, journal.open } do
        local ok, err = read(path, open)
        assert.is_false(ok)
        assert_readable_error(err)
        assert.equal("damaged", err.code)
      end
    end)
  end

  it("without an id is refused to a reader, and gets a new one from a runner", function()
    local folder <close> = support.folder()
    local path = folder.path .. "/a.db"
    write(path, sound)
    local db = assert(connection.open(path))
    db:run "DELETE FROM meta"
    db:close()
    local ok, err = read(path, journal.view)
    assert.is_false(ok)
    assert.equal("damaged", err.code)
    assert.equal(2, #select(2, read(path, journal.open)))
  end)

  it("is read or refused, whatever bytes are wrong", function()
    local folder <close> = support.folder()
    local path, random, refused = folder.path .. "/a.db", noise.generator(5), 0
    for round = 1, ROUNDS do
      local bytes = sound
      for _ = 0, random() % 5 do
        local at = random() % #bytes
        bytes = bytes:sub(1, at) .. string.char(random() & 255) .. bytes:sub(at + 2)
      end
      if random() % 6 == 0 then bytes = bytes:sub(1, random() % #bytes) end
      write(path, bytes)
      local ok, result = read(path, round % 2 == 0 and journal.view or journal.open)
      if not ok then assert_readable_error(result) end
      refused = refused + (ok and 0 or 1)
      os.remove(path .. "-wal")
      os.remove(path .. "-shm")
    end
    assert.is_true(refused > 0 and refused < ROUNDS, refused .. " were refused")
  end)
end)
