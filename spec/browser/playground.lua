-- The playground in a real browser, as a person uses it: photos are dropped, a crop box is moved, a
-- training is started on an emulator, the tab is closed in the middle, images are generated and
-- saved. For `make test-browser`; skipped where Chromium or its driver is missing. Writes images of
-- each tab to build/browser/ for people to judge.

local lfs = require "lfs"
local page_of = require "support.playground.page"
local support = require "support.client"
local webdriver = require "support.browser.webdriver"

local FOLDER <const> = "build/browser"
local WEIGHT_MOST <const> = 150000 -- bytes of the page and what it loads
local HOSTILE <const> = '<img src=x onerror="document.title=1">'

local missing = webdriver.missing()
if missing then
  print("# skipped: " .. missing .. " is not installed; apt-get install chromium chromium-driver")
end
local test = missing and pending or it

-- {====== axe-core ======

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read("a"):gsub("%s+$", ""))
end

-- From npm, where it can be reached.
local function axe_source()
  local path = "build/axe/node_modules/axe-core/axe.min.js"
  if not lfs.attributes(path, "mode") then
    shell "mkdir -p build/axe; timeout 60 npm install --silent --prefix build/axe axe-core 2>&1"
  end
  local file = io.open(path)
  if not file then
    print "# skipped: axe-core cannot be installed by npm"
    return nil
  end
  local source = file:read "a"
  file:close()
  return source
end

local axe

local function check_access(browser, what)
  axe = axe or axe_source() or ""
  if axe == "" then
    return
  end
  browser:run("if (!window.axe) { " .. axe .. " }")
  browser:run [[window.axeResult = undefined;
    axe.run(document, { resultTypes: ["violations"] }).then((result) => { window.axeResult =
    result.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.target + " " +
    node.failureSummary).join("; ")); });]]
  local violations = browser:wait "window.axeResult"
  assert.same({}, violations, what)
end

-- }======

local function look_at(browser, name)
  for _, width in ipairs { 1280, 400 } do
    for _, scheme in ipairs { "light", "dark" } do
      browser:look(width, scheme)
      browser:screenshot(("%s/%s-%d-%s.png"):format(FOLDER, name, width, scheme))
      check_access(browser, ("%s, %d pixels, %s"):format(name, width, scheme))
    end
  end
  browser:look(1280, "light")
end

local function photos()
  local paths = {}
  for name in lfs.dir "examples/photos" do
    if not name:find "%.md$" and name:sub(1, 1) ~= "." then
      paths[#paths + 1] = lfs.currentdir() .. "/examples/photos/" .. name
    end
  end
  return paths
end

local function open_tab(browser, name)
  browser:click("#tab-" .. name)
  browser:wait(("!document.getElementById('%s').hidden"):format(name))
end

local function add_photos(browser, page)
  local paths = photos()
  browser:drop("#drop", paths)
  page:wait(function(state) return #state.setup.photos == #paths and not state.setup.checking end)
  browser:wait(("document.querySelectorAll('.card .crop').length === %d"):format(#paths))
  browser:wait "[...document.querySelectorAll('.card img')].every((image) => image.complete)"
end

local function move_crop(browser, page)
  local index = browser:run [[return [...document.querySelectorAll(".card")].findIndex((card) =>
    card.querySelector(".name").textContent === "bridge.jpg") + 1]]
  local before = page:state().setup.photos[index].used
  browser:drag((".card:nth-child(%d) .crop"):format(index), 30, 0)
  local crop = page:wait(function(state) return state.setup.photos[index].crop end)
    .setup.photos[index].crop
  assert.truthy(crop.x > before.x + 100, "the box has moved to the right")
  assert.equal(before.width, crop.width)
  return index, crop
end

local function move_crop_by_keys(browser, page, index)
  local before = page:state().setup.photos[index].used
  browser:type((".card:nth-child(%d) .crop"):format(index), "-----\u{E014}")
  local crop = page:wait(function(state) return state.setup.photos[index].crop end)
    .setup.photos[index].crop
  assert.truthy(crop.width < before.width and crop.x > before.x, "smaller, and to the right")
end

local function write_settings(browser, page)
  browser:run [[document.querySelector(".card .crop").blur();]]
  browser:set(".card:nth-child(1) textarea", HOSTILE)
  browser:set("#settings [name=name]", "anna " .. HOSTILE)
  browser:set("#settings [name=max_train_steps]", "400")
  page:wait(function(state)
    return state.setup.photos[1].caption == HOSTILE and state.setup.settings.max_train_steps == 400
      and not state.setup.checking
  end)
end

-- The last words before a tab is closed are not lost.
local function type_and_leave(browser, page)
  browser:run [[const field = document.querySelector("#settings [name=caption]");
    field.value = "a last word";
    field.dispatchEvent(new Event("input", { bubbles: true }));
    location.href = "about:blank";]]
  page:wait(function(state) return state.setup.settings.caption == "a last word" end)
  browser:open(page.base_url)
  browser:wait "document.querySelector('#grid .card')"
end

local function start_training(browser)
  browser:click "#start"
  browser:wait "document.getElementById('confirm').open"
  browser:screenshot(FOLDER .. "/confirm-1280-light.png")
  check_access(browser, "the confirmation")
  browser:click "#confirm-yes"
  browser:wait "document.querySelector('#running progress')"
end

local function generate(browser, page)
  open_tab(browser, "images")
  browser:set("#generate [name=prompt]", "a photo of ohwx person " .. HOSTILE)
  browser:wait "document.querySelectorAll('#loras input:checked').length === 1"
  browser:click "#generate-button"
  browser:wait "document.querySelectorAll('.tile img').length === 2"
  browser:wait "[...document.querySelectorAll('.tile img')].every((one) => one.naturalWidth > 0)"
  return page:state().gallery.orders[1].images
end

local function save_images(browser, page, images, folder)
  browser:cdp("Page.setDownloadBehavior", { behavior = "allow", downloadPath = folder })
  for index, image in ipairs(images) do
    browser:click((".tile:nth-child(%d) a"):format(index))
    local name = ("%s/image-%s.%s"):format(folder, image.id, image.type)
    local bytes = page:request("/image/" .. image.id).body
    for _ = 1, 200 do
      if support.read(name) == bytes then break end
      os.execute "sleep 0.05"
    end
    assert.equal(#bytes, #(support.read(name) or ""), "saved by the browser")
  end
end

-- A key that the service refuses: the page says so, and the key is nowhere in it.
local function use_wrong_key(browser)
  browser:click "#account"
  browser:wait "document.getElementById('connect').open"
  browser:type("#key", "sk_wrong_0123456789")
  browser:screenshot(FOLDER .. "/connect-1280-light.png")
  check_access(browser, "the form for the key")
  browser:click "#use-key"
  browser:wait "document.getElementById('connect-error').textContent !== ''"
  browser:screenshot(FOLDER .. "/refused-1280-light.png")
  assert.not_matches("sk_wrong", browser:run "return document.documentElement.outerHTML")
end

-- The page of a playground whose key is refused.
local function look_at_refused(browser, service)
  local page <close> = page_of.start(nil, { client = { api_key = "sk_wrong",
    base_url = service.base_url } })
  browser:open(page.playground:address())
  browser:wait "document.querySelector('.banner.bad')"
  look_at(browser, "refused")
end

local function weight(browser)
  return browser:run [[return [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource").filter((one) => one.name.includes("/app/"))]
    .reduce((sum, one) => sum + one.decodedBodySize, 0)]]
end

describe("the playground in a browser", function()
  test("goes from photos to saved images, though the tab is closed in between", function()
    os.execute("rm -rf " .. FOLDER .. "; mkdir -p " .. FOLDER)
    local service <close> = support.service { speed = 2, seconds_per_step = 0.02 }
    local folder <close> = support.folder()
    local page <close> = page_of.start(service)
    local browser <close> = webdriver.start()
    browser:open(page.playground:address())
    browser:wait "document.querySelector('#account[data-status=ready]')"
    assert.not_matches("token", browser:run "return location.href")
    local bytes = weight(browser)
    print(("# the page weighs %d bytes"):format(bytes))
    assert.truthy(bytes < WEIGHT_MOST)
    look_at(browser, "empty")

    add_photos(browser, page)
    local moved, crop = move_crop(browser, page)
    move_crop_by_keys(browser, page, moved == 2 and 3 or 2)
    write_settings(browser, page)
    look_at(browser, "train")
    type_and_leave(browser, page)
    start_training(browser)
    local first = browser:get "/window"
    browser:new_tab()
    browser:post("/window", { handle = first })
    browser:close_tab()
    browser:open(page.base_url)
    browser:wait "document.querySelector('#running progress')"
    browser:screenshot(FOLDER .. "/running-1280-light.png")

    open_tab(browser, "trainings")
    browser:wait "document.querySelector('#ours .pill.serving')"
    look_at(browser, "trainings")
    local images = generate(browser, page)
    look_at(browser, "images")
    save_images(browser, page, images, folder.path)

    local ledger = service:ledger()
    assert.equal(1, #ledger.tasks)
    assert.equal(1, #ledger.image_tasks)
    assert.equal(#photos(), #ledger.tasks[1].request.image_dataset_items)
    assert.same(crop, page:state().setup.photos[moved].crop)
    assert.equal(0, browser:run "return document.querySelectorAll('img[src=\"x\"]').length")
    assert.equal("novita playground", browser:run "return document.title")
    use_wrong_key(browser)
    look_at_refused(browser, service)
  end)
end)
