--- The report of 10,000 jobs: the time to write it, its size, and how Chromium shows it: the first
--- paint, the end of loading, a jump to the middle, and the longest frame of a second of scrolling.
--
--   lua5.4 bench/report.lua [jobs]     default: 10000

local lfs = require "lfs"
local novita = require "novita"
local support = dofile "bench/support.lua"
local webdriver = require "support.browser.webdriver"

local COUNT <const> = tonumber(arg[1]) or 10000

local function output(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "l"
end

local root = output "mktemp -d"

local function make_people()
  local photo = root .. "/1.jpg"
  local made = assert(novita.image.prepare({ path = "examples/photos/dogs.jpg" },
    { width = 96, height = 96 }))
  local file <close> = assert(io.open(photo, "wb"))
  file:write(made.bytes)
  file:flush()
  assert(lfs.mkdir(root .. "/people"))
  for i = 1, COUNT do
    local folder = ("%s/people/p%05d"):format(root, i)
    assert(lfs.mkdir(folder))
    assert(lfs.link(photo, folder .. "/1.jpg"))
  end
end

-- Returns the seconds, CPU seconds and peak memory.
local function run(what)
  local text = output(("lua5.4 bench/growth_run.lua %s %s"):format(what, root))
  return (text or ""):match "^(%S+) (%S+) (%S+)$"
end

local JUMP <const> = [[
  const from = performance.now();
  window.scrollTo(0, document.documentElement.scrollHeight / 2);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    window.jumped = performance.now() - from; }));]]

local SCROLL <const> = [[
  let last = performance.now(), frames = 0, longest = 0;
  const step = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    window.scrollBy(0, 1000);
    if (++frames < 60) requestAnimationFrame(step); else window.longest = longest;
  };
  requestAnimationFrame(step);]]

local function in_browser()
  local browser <close> = webdriver.start()
  browser:open("file://" .. root .. "/run.html")
  local facts = browser:run [[
    return { paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
      load: performance.getEntriesByType("navigation")[0].loadEventEnd };]]
  browser:run(JUMP)
  browser:wait("window.jumped", 120)
  browser:run(SCROLL)
  browser:wait("window.longest", 120)
  facts.jump, facts.frame = browser:run "return window.jumped", browser:run "return window.longest"
  return facts
end

support.main("bench/report.lua", function()
  make_people()
  assert(run "plan" and run "finish")
  local seconds, cpu, rss = run "report"
  local figures = support.table()
  figures:add("seconds", tonumber(seconds))
  figures:add("cpu_s", tonumber(cpu))
  figures:add("peak_rss_mb", tonumber(rss))
  figures:add("page_mb", lfs.attributes(root .. "/run.html", "size") / 1e6)
  if webdriver.missing() then
    io.stderr:write("without a browser: ", webdriver.missing(), " is not installed\n")
  else
    local facts = in_browser()
    figures:add("first_paint_ms", facts.paint)
    figures:add("load_ms", facts.load)
    figures:add("jump_ms", facts.jump)
    figures:add("longest_frame_ms", facts.frame)
  end
  figures:print "report"
  os.execute("rm -rf " .. root)
end)
