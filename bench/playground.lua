--- The playground in Chromium: the time from the drop of 12 megapixel photos until all thumbnails
--- are shown, the first paint, the weight of the page, and the peak memory of the program. The
--- floor makes the same thumbnails with novita.image.prepare alone.
--
--   lua5.4 bench/playground.lua [photos]     default: 50

package.path = "spec/?.lua;" .. package.path

local core = require "novita.core"
local lfs = require "lfs"
local novita = require "novita"
local webdriver = require "support.browser.webdriver"

local COUNT <const> = tonumber(arg[1]) or 50
local WIDTH <const>, HEIGHT <const> = 4000, 3000
local THUMB <const> = { width = 480, height = 480, fit = "inside", format = "jpeg", quality = 82,
  chroma = 420, pass_through = false }

local missing = webdriver.missing()
if missing then
  print("skipped: " .. missing .. " is not installed")
  os.exit(0)
end

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read("a"):gsub("%s+$", ""))
end

local folder = shell "mktemp -d"

-- Photos of a camera's size, made of the examples; each one is another file.
local function make_photos()
  local sources, paths = {}, {}
  for name in lfs.dir "examples/photos" do
    if name:find "%.jpg$" then sources[#sources + 1] = "examples/photos/" .. name end
  end
  table.sort(sources)
  for i = 1, COUNT do
    local path = ("%s/IMG_%04d.jpg"):format(folder, i)
    local made = paths[i - #sources]
    local bytes
    if made then
      local file <close> = assert(io.open(made, "rb"))
      bytes = file:read "a"
    else
      local image <close> = assert(novita.image.decode { path = sources[i] })
      local large <close> = assert(image:resize { width = WIDTH, height = HEIGHT })
      bytes = assert(large:encode { quality = 92, chroma = 420 })
    end
    local file <close> = assert(io.open(path, "wb"))
    file:write(bytes)
    paths[i] = path
  end
  return paths
end

local function floor(paths)
  local group = novita.client { api_key = "none" }
  local started = core.now()
  do
    local work <close> = group:group { limit = 8 }
    for _, path in ipairs(paths) do
      work:spawn(function() assert(novita.image.prepare({ path = path }, THUMB)) end)
    end
  end
  group:close()
  return core.now() - started
end

local function start()
  local pid = shell(("HOME=%s lua5.4 bin/novita playground %s/play --no-open >%s/out 2>%s/err & "
    .. "echo $!"):format(folder, folder, folder, folder))
  for _ = 1, 200 do
    local address = shell("head -n 1 " .. folder .. "/out"):match "http://%S+"
    if address then return pid, address end
    os.execute "sleep 0.05"
  end
  error(shell("cat " .. folder .. "/err"))
end

local function megabytes(pid)
  local kib = shell("grep VmHWM /proc/" .. pid .. "/status"):match "%d+"
  return tonumber(kib) * 1024 / 1e6
end

local function in_browser(pid, address, paths)
  local browser <close> = webdriver.start()
  browser:open(address)
  browser:wait "document.querySelector('.kinds input:checked')"
  local facts = browser:run [[
    const loaded = performance.getEntriesByType("resource")
      .filter((one) => one.name.includes("/app/"));
    return { paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
      weight: performance.getEntriesByType("navigation").concat(loaded)
        .reduce((sum, one) => sum + one.decodedBodySize, 0) };]]
  local started = core.now()
  browser:drop("#drop", paths)
  browser:wait(([[(() => { const all = [...document.querySelectorAll(".card img[src]")];
    for (const image of all) image.loading = "eager";
    return all.length === %d &&
      all.every((image) => image.complete && image.naturalWidth > 0); })()]])
    :format(#paths), 120)
  facts.shown = core.now() - started
  facts.rss = megabytes(pid)
  browser:wait("!document.getElementById('photos-count').textContent.includes('checking')", 120)
  facts.checked, facts.rss_checked = core.now() - started, megabytes(pid)
  return facts
end

local paths = make_photos()
local least = floor(paths)
local pid, address = start()
local ok, facts = pcall(in_browser, pid, address, paths)
os.execute(("kill %s; while kill -0 %s 2>/dev/null; do sleep 0.02; done"):format(pid, pid))
os.execute("rm -rf " .. folder)
if not ok then error(facts, 0) end
local function print_figure(name, format, value)
  print(("bench playground %s " .. format):format(name, value))
end

print_figure("first_paint_ms", "%.0f", facts.paint)
print_figure("page_kb", "%.1f", facts.weight / 1000)
print_figure("thumbnails_s", "%.2f", facts.shown)
print_figure("floor_thumbnails_s", "%.2f", least)
print_figure("checked_s", "%.2f", facts.checked)
print_figure("peak_rss_mb", "%.1f", facts.rss)
print_figure("peak_rss_checked_mb", "%.1f", facts.rss_checked)
