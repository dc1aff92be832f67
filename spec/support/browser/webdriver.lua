--- Drives Debian's Chromium by WebDriver: https://www.w3.org/TR/webdriver/. The requests are those
--- of the client under test.

local cjson = require("cjson").new()
local core = require "novita.core"
local novita = require "novita"

local ELEMENT <const> = "element-6066-11e4-a52e-4f735466cecf" -- key of a reference
local START_MOST <const> = 30 -- seconds
local WAIT_MOST <const> = 60

---@class browser.Browser
local Browser = {}
Browser.__index = Browser

local webdriver = {}

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read("a"):gsub("%s+$", ""))
end

--- The programs that are missing; nil if none is.
---@return string?
function webdriver.missing()
  for _, program in ipairs { "chromium", "chromedriver" } do
    if shell("command -v " .. program) == "" then
      return program
    end
  end
end

-- {====== requests ======

local function call(browser, method, path, body)
  local result, err = browser.client:request(method, path, { body = body, timeout = WAIT_MOST })
  if not result then
    error(("%s %s: %s %s"):format(method, path, err.message, err.body or ""), 0)
  end
  return result.value
end

function Browser:get(path)
  return call(self, "GET", self.path .. path)
end

function Browser:post(path, body)
  return call(self, "POST", self.path .. path, body)
end

-- }======

-- {====== the page ======

--- Opens an address.
function Browser:open(url)
  self:post("/url", { url = url })
end

--- Runs a script and returns what it returns.
---@param script string the body of a function
---@param ... any its arguments
function Browser:run(script, ...)
  -- an empty list of arguments would not be sent
  return self:post("/execute/sync", { script = script, args = { select("#", ...), ... } })
end

--- Runs a script until its value is true. The page is asked again and again.
---@param script string an expression
---@return any
function Browser:wait(script, seconds)
  local deadline = core.now() + (seconds or WAIT_MOST)
  while true do
    local value = self:run("return " .. script)
    if value then
      return value
    elseif core.now() > deadline then
      error("the page never got there: " .. script, 2)
    end
    self.client:sleep(0.05)
  end
end

--- An element, by a CSS selector.
function Browser:find(selector)
  return self:post("/element", { using = "css selector", value = selector })[ELEMENT]
end

function Browser:click(selector)
  self:post(("/element/%s/click"):format(self:find(selector)), { unused = 1 })
end

--- Types into an element.
function Browser:type(selector, text)
  self:post(("/element/%s/value"):format(self:find(selector)), { text = text })
end

--- Replaces the value of a field as a user would.
function Browser:set(selector, value)
  self:run([[const field = document.querySelector(arguments[1]); field.value = arguments[2];
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));]], selector, value)
end

--- A command of Chromium's own protocol.
function Browser:cdp(command, params)
  return self:post("/goog/cdp/execute", { cmd = command, params = params })
end

--- Drops files on an element.
function Browser:drop(selector, paths)
  local at = self:run([[const box = document.querySelector(arguments[1]).getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };]], selector)
  for _, kind in ipairs { "dragEnter", "dragOver", "drop" } do
    self:cdp("Input.dispatchDragEvent", { type = kind, x = at.x, y = at.y,
      data = { items = { { mimeType = "image/jpeg", data = "" } }, files = paths,
        dragOperationsMask = 1 } })
  end
end

local function pointer(action, x, y)
  return { type = action, x = x, y = y, button = 0, duration = 0, origin = "viewport" }
end

--- Drags an element by some pixels.
function Browser:drag(selector, dx, dy)
  local at = self:run([[const element = document.querySelector(arguments[1]);
    element.scrollIntoView({ block: "center" });
    const box = element.getBoundingClientRect();
    return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };]],
    selector)
  self:post("/actions", { actions = { { type = "pointer", id = "mouse",
    parameters = { pointerType = "mouse" }, actions = { pointer("pointerMove", at.x, at.y),
      pointer("pointerDown"), pointer("pointerMove", at.x + dx, at.y + dy),
      pointer("pointerUp") } } } })
end

-- }======

-- {====== windows ======

--- Opens another tab and switches to it.
function Browser:new_tab()
  local handle = self:post("/window/new", { type = "tab" }).handle
  self:post("/window", { handle = handle })
end

--- Closes the tab and switches to another one.
function Browser:close_tab()
  self:run "window.close()"
  self:post("/window", { handle = self:get("/window/handles")[1] })
end

--- The width of the page in pixels, and its colours.
---@param width integer
---@param scheme "light"|"dark"
function Browser:look(width, scheme)
  self:cdp("Emulation.setDeviceMetricsOverride", { width = width, height = 900,
    deviceScaleFactor = 1, mobile = width < 600 })
  self:cdp("Emulation.setEmulatedMedia", { features = {
    { name = "prefers-color-scheme", value = scheme } } })
end

--- Writes an image of the whole page.
---@param path string
function Browser:screenshot(path)
  local data = self:cdp("Page.captureScreenshot", { format = "png",
    captureBeyondViewport = true }).data
  local decode = require("novita.service.core").crypto.from_base64
  local file <close> = assert(io.open(path, "wb"))
  file:write(assert(decode(data)))
end

-- }======

--- Ends the browser.
function Browser:close()
  -- chromedriver does not end its browser when it is killed
  os.execute(("curl -s -m 10 -X DELETE %s%s >/dev/null"):format(self.url, self.path))
  os.execute(("kill %s 2>/dev/null; while kill -0 %s 2>/dev/null; do sleep 0.02; done")
    :format(self.pid, self.pid))
  self.client:close()
  os.execute("rm -rf " .. self.folder)
end

Browser.__close = Browser.close

local function start_driver(folder)
  local log = folder .. "/driver.log"
  local pid = shell(("HOME=%s TMPDIR=%s chromedriver --port=0 >%s 2>&1 & echo $!"):format(folder,
    folder, log))
  local deadline = core.now() + START_MOST
  repeat
    local port = shell("cat " .. log):match "started successfully on port (%d+)"
    if port then return pid, port end
    os.execute "sleep 0.05"
  until core.now() > deadline
  error("chromedriver does not start: " .. shell("cat " .. log))
end

local OPTIONS <const> = { "--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
  "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking",
  "--disable-component-update", "--window-size=1280,900", "--no-proxy-server" }

--- Starts a browser without a window.
---@return browser.Browser
function webdriver.start()
  local folder = shell "mktemp -d"
  local pid, port = start_driver(folder)
  local browser = setmetatable({ pid = pid, folder = folder, path = "",
    url = "http://127.0.0.1:" .. port }, Browser)
  browser.client = novita.client { base_url = browser.url, api_key = "none",
    paid_timeout = WAIT_MOST }
  local made = browser:post("/session", { capabilities = { alwaysMatch = {
    browserName = "chrome", ["goog:chromeOptions"] = { args = OPTIONS } } } })
  browser.path = "/session/" .. made.sessionId
  return browser
end

webdriver.decode = cjson.decode

return webdriver
