-- The crops of single photos: their own, a table by name, crops.txt, one for all.

local Canvas = require "novita.image.canvas"
local faces = require "novita.image.faces"
local fixtures = require "support.fixtures"
local novita = require "novita"

local upright = assert(assert(Canvas.new(30, 60, 3)):encode { format = "png" })

local function crops_of(...)
  local set, err = novita.dataset(...)
  local crops = {}
  for i, photo in ipairs(set or {}) do
    crops[i] = photo.crop or "none"
  end
  return set and crops, err and err.message, set
end

describe("crops", function()
  local folder
  before_each(function()
    folder = fixtures.folder()
    for _, name in ipairs { "a.png", "b.png", "c: d.png" } do
      folder:put(name, upright)
    end
  end)
  after_each(function()
    getmetatable(folder).__close(folder)
  end)

  it("are corrected in crops.txt", function()
    folder:put("crops.txt", "\xEF\xBB\xBF# wrong person\r\n\r\n  b.png : 1,2,20,20\r\nc: d: top\n")
    local crops, _, set = crops_of(folder.path)
    assert.same({ "none", { x = 1, y = 2, width = 20, height = 20 }, "top" }, crops)
    assert.same({}, set.skipped)
  end)

  it("are given by name, for all, or with the photo: the most specific one wins", function()
    folder:put("crops.txt", "a.png: face")
    assert.same({ "center", "top", "none" }, (crops_of(folder.path,
      { crop = "top", crops = { a = "center", ["c: d.png"] = "auto" } })))
    assert.same({ "top", "none" }, (crops_of({ { path = folder.path .. "/a.png", crop = "top" },
      folder.path .. "/b.png" })))
    assert.same({ "none", "center", "none" }, (crops_of(folder.path, { crops = "b: center" })))
    assert.same({ "none", "none", "none" }, (crops_of(folder.path, { crops = {} })))
  end)

  it("name the line that is wrong", function()
    for text, why in pairs {
      ["a.png: left"] = 'line 1: a line must be "photo: crop"',
      ["a.png: top\n\na.png"] = 'line 3: a line must be "photo: crop"',
      ["a.png: top\na.png: top"] = "line 2: a.png has a line already",
      ["a.png: top\nx.png: top"] = ": x.png matches none of the 3 photos",
      ["a\0"] = " is UTF-16: save it as UTF-8",
    } do
      folder:put("crops.txt", text)
      local _, message = crops_of(folder.path)
      assert.truthy(message:find(folder.path .. "/crops.txt", 1, true), message)
      assert.truthy(message:find(why, 1, true), message)
    end
  end)

  it("are used by a check, which says how the photos are cropped", function()
    folder:put("crops.txt", "b: 1,2,20,20\nc: d: center\n")
    local set = assert(novita.dataset(folder.path))
    local report = set:check { prepare = { size = 16 }, prompt = "a photo of ohwx woman",
      min_count = 0 }
    assert.same({ 1, 2, 20, 20 }, { set[2].facts.crop.x, set[2].facts.crop.y,
      set[2].facts.crop.width, set[2].facts.crop.height })
    assert.equal("center", set[3].facts.crop.choice)
    if faces.missing() then
      assert.same({ "crops: 1 box, 1 center (c: d.png), 1 top (a.png)",
        "no face detector is installed: luarocks install novita-faces, or say with --crop where "
        .. "the faces are" }, report.notes)
      assert.truthy(tostring(report):find(report.notes[1], 1, true))
    else
      assert.same({ "crops: 2 center, 1 box (b.png)" }, report.notes)
    end
  end)

  it("by default are the centre where no person is named", function()
    local set = assert(novita.dataset(folder.path))
    set:check { prepare = { size = 16 }, prompt = "a photo of ohwx dog" }
    assert.equal("center", set[1].facts.crop.choice)
    set:check { prepare = { size = 16, crop = "top" } }
    assert.equal("top", set[1].facts.crop.choice)
  end)
end)

describe("a crop without a face detector", function()
  -- Prints the choice for a photo in portrait format, for each prompt, and the last note.
  local PROGRAM <const> = [[
    package.preload["novita.faces"] = function() error "module 'novita.faces' not found" end
    local novita = require "novita"
    for _, prompt in ipairs { "a photo of ohwx woman", "a photo of ohwx dog", "none" } do
      local set = assert(novita.dataset { "examples/portraits/astronaut-upright.jpg" })
      local report = set:check { prompt = prompt ~= "none" and prompt or nil }
      print(set[1].facts.crop.choice, report.notes[#report.notes])
    end
    local photos = require "novita.client.training_photos"
    local request = require "novita.forms.training_request"
    local function choice(more)
      local params = { task_type = "subject", name = "a", images = "x", size = 64,
        base_model = "v1-5-pruned-emaonly", instance_prompt = "x", max_train_steps = 100 }
      for name, value in pairs(more) do params[name] = value end
      return photos.preparation(request.plan(params, 1, { "prepare" })).crop or "center"
    end
    print(choice {}, choice { instance_prompt = "ohwx man" }, choice { class_prompt = "person" },
      choice { preset = "face", components = { { name = "resize" } } },
      choice { instance_prompt = "ohwx man", crop = "center" },
      choice { instance_prompt = "ohwx man", prepare = { crop = "auto" } },
      choice { instance_prompt = "ohwx man", prepare = { fit = "contain" } })
  ]]

  it("keeps the top of a person, and the centre of anything else", function()
    local out, status = fixtures.program(PROGRAM)
    assert.equal(0, status, out)
    local note = "no face detector is installed: luarocks install novita-faces, or say with --crop "
      .. "where the faces are\n"
    assert.equal("top\t" .. note .. "center\t" .. note .. "center\t" .. note
      .. "center\ttop\ttop\ttop\tcenter\ttop\tcenter\n", out)
  end)
end)
