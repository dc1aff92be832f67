-- Mistakes in a plan were ignored: a job outside a list or a misspelt "defaults" made an empty or a
-- wrong batch, the second of two columns with one name hid the first, jobs after a hole or with
-- names as keys were dropped, and a misspelt field of the defaults was missing in an innocent job.

local job_sources = require "novita.batch.job_sources"
local novita = require "novita"
local refusal = require "support.refusal"
local support = require "support.client"
local fixtures = require "support.fixtures"

local function read(name, text)
  local folder <close> = support.folder()
  fixtures.write(folder.path .. "/" .. name, text)
  local jobs, err = job_sources.read(folder.path .. "/" .. name)
  return jobs, err and err.message:gsub("^.*/", "", 1)
end

describe("a plan", function()
  for text, why in pairs {
    ['{"name":"x","images":"p"}'] = 'a.json: "images" is not a member of a plan: write a list of '
      .. 'jobs, or { "defaults": { ... }, "jobs": [ ... ] }',
    ['{"jobs":{"name":"x"}}'] = "a.json: jobs is not a list",
    ['{"defaults":{"task_type":"style"}}'] = "a.json: jobs is not a list",
    ['{"jobs":[{"name":"x"}],"defaults":"style"}'] = "a.json: defaults is not an object",
    ['{"jobs":[{"name":"x"}],"defaults":{"task_typ":"style"}}'] =
      "a.json: defaults.task_typ is not a field of a training: did you mean defaults.task_type?",
    ['"x"'] = "a.json: it is not a list of jobs",
    [""] = "a.json is empty",
  } do
    it("in JSON is refused: " .. text, function()
      local jobs, message = read("a.json", text)
      assert.is_nil(jobs)
      assert.equal(why, message)
    end)
  end

  it("in JSON may have a byte order mark, as in CSV", function()
    for _, text in ipairs { '[{"name":"x"}]', '{"defaults":{},"jobs":[{"name":"x"}]}' } do
      assert.equal("x", assert(read("a.json", "\xEF\xBB\xBF" .. text))[1].params.name)
    end
  end)

  it("in CSV has no two columns of one name", function()
    local jobs, message = read("a.csv", "\nname,size,name\nx,64,y\n")
    assert.is_nil(jobs)
    assert.equal('a.csv:2: two columns are named "name"', message)
  end)

  it("as a table has its jobs in a list", function()
    local function message(jobs)
      return select(2, job_sources.read(jobs, {})).message
    end
    local job = { name = "x" }
    assert.equal('jobs must be a list of jobs, got a table with the key "anna": write '
      .. "{ { name = ... }, { name = ... } }", message { job, anna = job })
    assert.equal("jobs[2] is missing: a job must be a table of fields", message { job, [3] = job })
  end)

  it("of a folder needs defaults, whose names are checked", function()
    local folder <close> = support.folder()
    fixtures.write(folder.path .. "/a.jpg", fixtures.photo())
    local wanted = { journal = folder.path .. "/a.db", jobs = folder.path }
    local none, err = novita.batch(wanted)
    assert.is_nil(none)
    assert.equal(folder.path .. " has only names and photos: give the other fields of its "
      .. 'trainings in defaults, such as defaults = { task_type = "subject", ... }', err.message)
    wanted.defaults = { task_typ = "subject" }
    assert.equal("defaults.task_typ is not a field of a training: did you mean defaults.task_type?",
      refusal(novita.batch, wanted))
  end)
end)
