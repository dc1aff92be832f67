-- Crops belong to a job: a corrected one is a changed job, and what is automatic is not recorded.

local emulator = require "support.emulator"
local faces = require "novita.image.faces"
local fixtures = require "support.fixtures"
local novita = require "novita"
local support = require "support.client"

describe("the crops of a job", function()
  local service, folder, client
  before_each(function()
    service, folder = support.service(), support.folder()
    os.execute("mkdir " .. folder.path .. "/anna")
    for n = 1, 2 do
      fixtures.write(("%s/anna/%d.png"):format(folder.path, n), emulator.photo(n))
    end
    client = support.client(service, { journal = folder.path .. "/client.db" })
  end)
  after_each(function()
    client:close()
    service:stop()
    os.execute("rm -rf " .. folder.path)
  end)

  local params = { task_type = "subject", size = 32, base_model = "v1-5-pruned-emaonly",
    instance_prompt = "a photo of ohwx woman", max_train_steps = 100 }

  local function with(more)
    local copy = { name = "anna", images = folder.path .. "/anna" }
    for _, from in ipairs { params, more or {} } do
      for name, value in pairs(from) do
        copy[name] = value
      end
    end
    return copy
  end

  local function open(jobs)
    return novita.batch { journal = folder.path .. "/run.db", jobs = jobs, client = client }
  end

  local function planned(jobs, journal)
    local batch <close> = assert(novita.batch { journal = folder.path .. "/" .. journal,
      jobs = jobs })
    return batch.journal:job(1)
  end

  it("do not change it unless they are chosen", function()
    local plain = planned({ with() }, "1.db")
    assert.equal("0f8bf334196e6afd5f1fb0b21f91fd67447f72e39677ebfa31657f118ad4932f", plain.key,
      "the key that earlier versions gave this job")
    assert.equal(plain.key, planned({ with { crop = "auto" } }, "2.db").key)
    assert.equal(plain.key, planned({ with { crops = {} } }, "3.db").key)
    assert.is_nil(plain.params.crop)
    local top = planned({ with { crop = "top" } }, "4.db")
    assert.not_equal(plain.key, top.key)
    local box = planned({ with { crop = "1,2,30,30" } }, "5.db")
    assert.same({ x = 1, y = 2, width = 30, height = 30 }, box.params.crop)
    fixtures.write(folder.path .. "/anna/crops.txt", "1.png: top")
    local corrected = planned({ with() }, "6.db")
    assert.same({ ["1.png"] = "top" }, corrected.params.crops)
    assert.not_equal(plain.key, corrected.key)
    assert.equal(corrected.key, planned({ with { crops = "1.png: top" } }, "7.db").key)
  end)

  it("are a column of a CSV file", function()
    fixtures.write(folder.path .. "/jobs.csv", "name,images,task_type,size,base_model,"
      .. "instance_prompt,max_train_steps,crop,crops\n"
      .. 'anna,anna,subject,32,v1-5-pruned-emaonly,x,100,"1,2,30,30","1.png: top\n2.png: center"\n')
    local row = planned(folder.path .. "/jobs.csv", "1.db")
    assert.same({ x = 1, y = 2, width = 30, height = 30 }, row.params.crop)
    assert.same({ ["1.png"] = "top", ["2.png"] = "center" }, row.params.crops)
  end)

  it("are refused if they are wrong, by the place of the job", function()
    local batch, err = open { with { crop = "left" } }
    assert.is_nil(batch)
    assert.truthy(err.message:find('jobs[1]: crop must be "auto"', 1, true), err.message)
    fixtures.write(folder.path .. "/anna/crops.txt", "1.png top")
    batch, err = open { with() }
    assert.is_nil(batch)
    assert.truthy(err.message:find("crops.txt, line 1: a line must be", 1, true), err.message)
  end)

  it("are in the journal, as they were used", function()
    fixtures.write(folder.path .. "/anna/crops.txt", "1.png: 1,2,30,30")
    local batch <close> = assert(open { with() })
    fixtures.write(folder.path .. "/anna/crops.txt", "1.png: center") -- after the job was planned
    assert(batch:run():wait(30))
    local photos = batch.journal:photos(batch.journal:job(1))
    assert.same({ x = 1, y = 2, width = 30, height = 30, choice = "box" }, photos[1].crop)
    assert.equal(faces.missing() and "top" or "center", photos[2].crop.choice)
  end)

  it("are around the face of a person, if there is a detector", function()
    if faces.missing() then
      return pending "the rock novita-faces is not built"
    end
    os.execute("rm " .. folder.path .. "/anna/*; cp examples/portraits/*.jpg " .. folder.path
      .. "/anna")
    local batch <close> = assert(open { with() })
    assert(batch:run():wait(30))
    local photo = batch.journal:photos(batch.journal:job(1))[1] -- astronaut-upright.jpg
    assert.equal("face", photo.crop.choice)
    assert.same({ 0, 384, 384 }, { photo.crop.x, photo.crop.width, photo.crop.height })
    assert.is_true(photo.crop.y < 32, "the head begins at 17") -- the centre begins at 64
  end)

  it("are shown by a dry run", function()
    local batch <close> = assert(open { with { crop = "center", crops = "1: 1,2,30,30" } })
    local plan = assert(batch:dry_run())
    local line = plan.lines[1]
    assert.same({ "1.png", "2.png" }, { line.crops[1].name, line.crops[2].name })
    assert.same({ "box", "center" }, { line.crops[1].crop.choice, line.crops[2].crop.choice })
    local text = tostring(plan)
    assert.truthy(text:find("\ncrops: 1 box, 1 center (2.png)\n", 1, true), text)
  end)

  it("make a corrected job take the place of the unpaid one", function()
    assert(open { with() }):close()
    fixtures.write(folder.path .. "/anna/crops.txt", "1.png: top")
    local batch <close> = assert(open { with() })
    assert.truthy(batch.notes[1]:find("crops", 1, true), batch.notes[1])
    assert.is_nil(batch.journal:job(2))
  end)

  it("are part of a training of a client with a journal", function()
    local first = assert(client:train(with()):wait(30))
    assert.equal(first.model_name, assert(client:train(with { crop = "auto" }):wait(30)).model_name)
    assert.equal(1, #service:ledger().tasks)
    assert(client:train(with { crops = { ["1"] = "center" } }):wait(30))
    assert.equal(2, #service:ledger().tasks)
  end)

  it("face is refused before anything is sent, without a detector", function()
    if not faces.missing() then
      return
    end
    local model, err = client:train(with { crop = "face" }):wait(30)
    assert.is_nil(model)
    assert.equal("no_face_detector", err.code)
    assert.equal(0, #service:ledger().tasks)
  end)
end)
