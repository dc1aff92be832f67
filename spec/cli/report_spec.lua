-- The page of `novita report`: nothing from outside, everything escaped, and its appearance.

local cli = require "support.cli"
local journal_of = require "novita.batch.journal"
local page = require "novita.cli.report.page"
local image = require "novita.image"
local safetensors = require "support.safetensors"

local EVIL <const> = [["><script>alert(1)</script><img src=x onerror='alert(2)'>]]

local function plan(journal, names, photos)
  local jobs = {}
  for i, name in ipairs(names) do
    jobs[i] = { key = "key" .. i, name = name, task_name = "task " .. name, task_type = "subject",
      params = ('{"images":"%s","task_type":"subject","base_model":"v1-5-pruned-emaonly","size":64,'
        .. '"instance_prompt":"a photo of ohwx woman","max_train_steps":100}'):format(photos) }
  end
  journal:plan(jobs)
end

-- A journal with a job of every fate.
local function filled(path, photos)
  local journal = assert(journal_of.open(path))
  plan(journal, { "anna", EVIL, "cyd", "dora" }, photos)
  local ends = {
    { stage = "serving", model_name = "model_1.safetensors", ended_at = os.time() },
    { stage = "failed", ended_at = os.time(), error = { kind = "api", message = EVIL } },
    { stage = "needs_review", error = { kind = "network", message = "it may exist" } },
    { stage = "training" },
  }
  for i, last in ipairs(ends) do
    local job = journal:job(i)
    journal:set(job, { stage = "preparing" })
    journal:set(job, { stage = "uploading", images = 3 })
    journal:set(job, { stage = "unknown", posts = 1, task_id = "id" .. i })
    journal:set(job, last)
  end
  local model = path .. ".safetensors"
  local tensors = safetensors.kohya()
  tensors[#tensors] = safetensors.tensor(tensors[#tensors].name, "F16", { 32, 4 }, 0x4400)
  cli.write(model, safetensors.file(tensors))
  journal:set(journal:job(1), { model_state = "done", model_path = model,
    samples_state = "done", samples = { photos .. "/photo1.png" } })
  return journal
end

local function has(where, part)
  assert(where:find(part, 1, true), part)
end

local function exists(program)
  return os.execute("command -v " .. program .. " >/dev/null 2>&1") == true
end

-- What Chromium draws of a file. `arguments` may change the window.
local function screenshot(folder, arguments)
  local command = ("timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic "
    .. "--no-first-run --disable-background-networking --disable-component-update --disable-sync "
    .. "--hide-scrollbars --user-data-dir=%s/profile %s --screenshot=%s/screenshot.png "
    .. "file://%s/run.html >/dev/null 2>&1"):format(folder, arguments, folder, folder)
  os.execute(command)
  return assert(image.decode({ path = folder .. "/screenshot.png" }, { channels = 3 }))
end

local function pixel(screen, x, y)
  local bytes = screen:bytes()
  return bytes:byte((y * screen.width + x) * 3 + 1, (y * screen.width + x) * 3 + 3)
end

-- How many pixels have about this colour.
local function count(screen, red, green, blue)
  local found = 0
  for r, g, b in screen:bytes():gmatch "(.)(.)(.)" do
    local near = math.abs(r:byte() - red) + math.abs(g:byte() - green) + math.abs(b:byte() - blue)
    found = found + (near < 12 and 1 or 0)
  end
  return found
end

describe("the report", function()
  local folder, text, all
  before_each(function()
    folder = cli.folder()
    local journal = filled(folder .. "/run.db", cli.photos(folder .. "/photos", 3))
    text, all = page.of(journal, { title = "Batch <1>", sheets = 1 })
    journal:close()
  end)
  after_each(function()
    cli.remove(folder)
  end)

  it("escapes text from outside", function()
    assert.is_nil(text:find("<script", 1, true))
    assert.is_nil(text:find("<img src=x", 1, true))
    assert.truthy(text:find("&lt;script&gt;alert(1)", 1, true))
    assert.truthy(text:find("<title>Batch &lt;1&gt;</title>", 1, true))
  end)

  it("loads nothing from outside", function()
    assert.truthy(text:find("default-src 'none'", 1, true))
    for target in text:gmatch '[%s](src="[^"]*)' do
      assert.truthy(target:find '^src="data:image/jpeg;base64,')
    end
    assert.is_nil(text:find "https?://")
    assert.is_nil(text:find("url(", 1, true))
  end)

  it("counts", function()
    assert.same({ jobs = 4, ended = 3, serving = 1, unsuccessful = 2, open = 1 }, all.sum)
    assert.equal(12, all.images)
    assert.equal(4, all.posts)
  end)

  it("has a lane for each job, and shows failures with reasons", function()
    local _, lanes = text:gsub('<td class="lane">', "")
    assert.equal(4, lanes)
    local failures = text:match "<h2>Failures.-</section>"
    assert.truthy(failures:find("it may exist", 1, true))
    assert.truthy(failures:find("id2", 1, true))
    assert.is_nil(failures:find("anna", 1, true))
    assert.truthy(failures:find("needs_review</span> 1 job: unknown", 1, true))
    assert.truthy(failures:find("they were paid for: look for them in `novita list`, then `novita "
      .. "resume " .. folder .. "/run.db --retry needs_review`", 1, true))
  end)

  it("names jobs without progress, and models that are not as usual", function()
    local attention = text:match "<h2>Check these.-</section>"
    assert.truthy(attention:find("<b>anna</b> its model: unusual: 1 tensor has values of 2 or more",
      1, true))
    assert.is_nil(attention:find "dora")
    local journal = assert(journal_of.view(folder .. "/run.db"))
    local later = page.of(journal, { title = "x", sheets = 0, now = os.time() + 1300 })
    journal:close()
    assert.truthy(later:find("<b>dora</b> training: no progress for 21 minutes", 1, true))
  end)

  it("shows the sharpness of samples, and their faces if the detector is there", function()
    local caption = text:match "<figcaption>photo1.png: ([^<]+)</figcaption>"
    local with = image.faces { path = folder .. "/photos/photo1.png" } and ", no face found" or ""
    assert.truthy(caption:find("^sharpness %d+" .. with .. "$"), caption)
  end)

  it("shows the photos of the requested number of jobs, and says which are missing", function()
    local _, sheets = text:gsub('class="photos"', "")
    assert.equal(1, sheets)
    assert.equal(3, select(2, text:gsub('class="card"', "")))
    assert.truthy(text:find("photo1.png", 1, true))
    local writer = assert(journal_of.open(folder .. "/run.db"))
    local uploads = {}
    for position, name in ipairs { "gone.png", "photo1.png", "photo3.png" } do
      uploads[position] = { source = "s", hash = name, assets_id = name, name = name }
    end
    writer:uploaded(writer:job(1), uploads)
    writer:close()
    local journal = assert(journal_of.view(folder .. "/run.db"))
    local trained = page.of(journal, { title = "x", sheets = 1 })
    journal:close()
    assert.equal(2, select(2, trained:gsub('class="card"', "")))
    has(trained, '<p class="missing">Not trained on, added later: photo2.png</p>')
    has(trained, '<p class="missing">Trained on, but gone: gone.png</p>')
    cli.remove(folder .. "/photos")
    local viewed <close> = setmetatable({ rows = assert(journal_of.view(folder .. "/run.db")) },
      { __close = function(self) self.rows:close() end })
    local without = page.of(viewed.rows, { title = "x", sheets = 4 })
    assert.truthy(without:find("No photos: ", 1, true))
  end)

  it("is balanced", function()
    for _, name in ipairs { "table", "tr", "td", "th", "svg", "section", "article", "div" } do
      local _, opened = text:gsub("<" .. name .. "[%s>]", "")
      local _, closed = text:gsub("</" .. name .. ">", "")
      assert.equal(opened, closed, name)
    end
  end)

  it("is rendered by a browser, light and dark, wide and narrow", function()
    if not exists "chromium" then
      return pending "chromium is missing: apt-get install chromium"
    end
    cli.write(folder .. "/run.html", text)
    local light <close> = screenshot(folder, "--window-size=1000,900")
    assert.same({ 0xf6, 0xf7, 0xf9 }, { pixel(light, 2, 2) })
    assert.is_true(count(light, 0x1c, 0x7c, 0x4a) > 1000) -- the share that serves
    assert.is_true(count(light, 0xb3, 0x26, 0x1e) > 1000) -- and the one that failed
    local long <close> = screenshot(folder, "--window-size=1000,1800")
    assert.is_true(count(long, 0xff, 0xff, 0xff) > 1000 * 100) -- the cards of photos
    local dark <close> = screenshot(folder,
      "--window-size=500,900 --blink-settings=preferredColorScheme=0")
    assert.same({ 0x14, 0x16, 0x1a }, { pixel(dark, 2, 2) })
    assert.is_true(count(dark, 0x5f, 0xcf, 0x95) > 500)
  end)
end)
