-- Plans: folders, tables, JSON, CSV.

local csv = require "novita.batch.csv"
local folders = require "novita.batch.folder"
local lfs = require "lfs"
local novita = require "novita"
local fixtures = require "support.fixtures"

local params = { task_type = "subject", base_model = "v1-5-pruned-emaonly", size = 512,
  instance_prompt = "a photo of {name}", class_prompt = "person" }

local function scratch()
  local path = os.tmpname()
  os.remove(path)
  assert(lfs.mkdir(path))
  return setmetatable({ path = path }, { __close = function(self)
    os.execute("rm -rf '" .. self.path .. "'")
  end })
end

local function planned(folder, jobs, defaults)
  local batch <close>, err = novita.batch { journal = folder.path .. "/run.db", jobs = jobs,
    defaults = defaults or params }
  if not batch then return nil, err end
  local list = {}
  for row in batch.journal:jobs() do list[#list + 1] = row.params end
  return list
end

local function plus(more)
  local all = {}
  for name, value in pairs(params) do all[name] = value end
  for name, value in pairs(more) do all[name] = value end
  return all
end

describe("a plan", function()
  it("is a folder of folders, in natural order", function()
    local folder <close> = scratch()
    for _, name in ipairs { "p10", "p2", ".hidden" } do lfs.mkdir(folder.path .. "/" .. name) end
    fixtures.write(folder.path .. "/notes.txt", "x")
    local list = assert(planned(folder, folder.path))
    assert.equal(2, #list)
    assert.equal("p2", list[1].name)
    assert.equal(folder.path .. "/p2", list[1].images)
    assert.equal("a photo of p10", list[2].instance_prompt)
  end)

  it("is a list of params", function()
    local folder <close> = scratch()
    local list = assert(planned(folder, { plus { name = "a", images = "x/a",
      max_train_steps = 150 },
      plus { name = "b", images = { "1.jpg", { path = "/2.jpg", caption = "two" } } } }, {}))
    assert.equal(lfs.currentdir() .. "/x/a", list[1].images)
    assert.equal(150, list[1].max_train_steps)
    assert.same({ lfs.currentdir() .. "/1.jpg", { path = "/2.jpg", caption = "two" } },
      list[2].images)
  end)

  it("is a JSON file, with paths relative to it", function()
    local folder <close> = scratch()
    fixtures.write(folder.path .. "/plan.json",
      [[{ "defaults": { "max_train_steps": 300, "size": 768 },
      "jobs": [ { "name": "a", "images": "a" }, { "name": "b", "images": "/b", "size": 640 } ] }]])
    local list = assert(planned(folder, folder.path .. "/plan.json"))
    assert.equal(folder.path .. "/a", list[1].images)
    assert.equal(768, list[1].size)
    assert.equal(640, list[2].size)
    assert.equal(300, list[2].max_train_steps)
    assert.equal("a photo of b", list[2].instance_prompt)
  end)

  it("is a CSV file with one row per job", function()
    local folder <close> = scratch()
    fixtures.write(folder.path .. "/plan.csv",
      "name,images,max_train_steps,learning_rate,instance_prompt\r\n"
      .. 'anna,a,150,1e-4,"a photo of ""anna"", smiling"\r\n' .. "007,b,,,\r\n")
    local list = assert(planned(folder, folder.path .. "/plan.csv"))
    assert.equal(2, #list)
    assert.equal(150, list[1].max_train_steps)
    assert.equal(1e-4, list[1].learning_rate)
    assert.equal('a photo of "anna", smiling', list[1].instance_prompt)
    assert.equal("007", list[2].name)
    assert.equal("a photo of 007", list[2].instance_prompt)
    assert.is_nil(list[2].max_train_steps)
  end)

  it("in CSV keeps the texts of fields that take texts", function()
    local folder <close> = scratch()
    fixtures.write(folder.path .. "/plan.csv", "name,images,caption,instance_prompt,seed\n"
      .. "true,a,2024,1e3,7\n")
    local list = assert(planned(folder, folder.path .. "/plan.csv"))
    assert.same({ "true", "2024", "1e3", 7 },
      { list[1].name, list[1].caption, list[1].instance_prompt, list[1].seed })
  end)

  it("without jobs is an error", function()
    local folder <close> = scratch()
    local texts = { ["a.json"] = "[]", ["b.json"] = '{"jobs":[]}', ["c.csv"] = "name\n" }
    for name, text in pairs(texts) do
      fixtures.write(folder.path .. "/" .. name, text)
      local list, err = planned(folder, folder.path .. "/" .. name)
      assert.same({ nil, "plan" }, { list, err.code })
      assert.equal(folder.path .. "/" .. name .. " has no jobs", err.message)
    end
    assert.equal("the list has no jobs", select(2, planned(folder, {})).message)
  end)

  it("of a folder has the folder's name, however it is written", function()
    local folder <close> = scratch()
    local here = lfs.currentdir()
    assert(os.execute(("mkdir -p '%s/people/anna'"):format(folder.path)))
    assert(lfs.chdir(folder.path .. "/people/anna"))
    local names = {}
    for _, path in ipairs { ".", "..", "../anna", "../../people", folder.path .. "/people/." } do
      names[#names + 1] = folders.name(path) .. " " .. folders.journal(path)
    end
    assert(lfs.chdir(here))
    assert.same({ "anna ../anna.db", "people ../../people.db", "anna ../anna.db",
      "people ../../people.db", "people " .. folder.path .. "/people.db" }, names)
  end)

  it("names the wrong job, and plans none", function()
    local folder <close> = scratch()
    fixtures.write(folder.path .. "/plan.csv", "name,images,max_train_steps\na,a,150\nb,b,-3\n")
    local list, err = planned(folder, folder.path .. "/plan.csv")
    assert.is_nil(list)
    assert.equal("plan", err.code)
    assert.matches("plan.csv:3: max_train_steps must be an integer >= 1, got %-3", err.message)
    list, err = planned(folder, { plus { name = "a", images = "a" }, plus { images = "b" } })
    assert.is_nil(list)
    assert.matches("jobs%[2%]: name is missing", err.message)
    list, err = planned(folder, { plus { name = "a", images = "a", stpes = 1 } })
    assert.is_nil(list)
    assert.matches("jobs%[1%]: .*stpes", err.message)
  end)

  it("does not pay twice for the same job", function()
    local folder <close> = scratch()
    local list, err = planned(folder, { plus { name = "a", images = "a" },
      plus { name = "a", images = "a" } })
    assert.is_nil(list)
    assert.matches("jobs%[2%]: the same job as jobs%[1%]", err.message)
  end)

  it("refuses values that a journal cannot store", function()
    local folder <close> = scratch()
    local list, err = planned(folder, { plus { name = "a", images = { { bytes = "x" } } } })
    assert.is_nil(list)
    assert.matches("photos of a batch must be files", err.message)
  end)

  it("says what is wrong with a file", function()
    local folder <close> = scratch()
    for name, text in pairs {
      ["none.csv"] = false, ["bad.json"] = "{", ["open.csv"] = 'name\n"x', ["short.csv"] = "a,b\n1",
    } do
      if text then fixtures.write(folder.path .. "/" .. name, text) end
      local list, err = planned(folder, folder.path .. "/" .. name)
      assert.is_nil(list)
      assert.equal("file", err.kind)
      assert.matches(name, err.message, 1, true)
    end
    local list, err = planned(folder, folder.path)
    assert.is_nil(list)
    assert.matches("has no photos", err.message)
  end)
end)

describe("CSV", function()
  local function rows(text)
    local found = assert(csv.rows(text))
    for _, row in ipairs(found) do row.line = nil end
    return found
  end

  it("is read according to RFC 4180", function()
    assert.same({ { "aaa", "bbb" }, { "zzz", "yyy" } }, rows "aaa,bbb\r\nzzz,yyy")
    assert.same({ { "a", "b" } }, rows "a,b\r\n")
    assert.same({ { "a", "b\r\nb", "c" } }, rows '"a","b\r\nb","c"\r\n')
    assert.same({ { 'a"b', "" } }, rows '"a""b",')
    assert.same({ { "", "" }, { "x" } }, rows ",\nx\n")
    assert.same({ { " a ", "b" } }, rows "\xEF\xBB\xBF a ,b")
    assert.same({ { "", "x" } }, rows '"",x')
  end)

  it("says where a row is wrong", function()
    local function why(text)
      local _, reason, line = csv.rows(text)
      return reason, line
    end
    assert.matches("not closed", (why 'a\n"b'))
    assert.equal(2, select(2, why 'a\n"b'))
    assert.matches("inside an unquoted field", (why 'a"b'))
    assert.matches("follows a closing quote", (why '"a"b'))
  end)
end)
