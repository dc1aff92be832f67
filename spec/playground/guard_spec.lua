-- The guard of the playground against other sites, other names of this machine, other users.
-- Requests of curl to one server.

local helper = require "support.emulator"
local lfs = require "lfs"
local page_of = require "support.playground.page"
local support = require "support.client"

local service, page

setup(function()
  service = support.service()
  page = page_of.start(service)
end)

teardown(function()
  page:close()
  service:stop()
end)

local function request(path, ...)
  return helper.curl(page.base_url .. path, "--path-as-is", ...)
end

local function name_of_training()
  return page:state().setup.settings.name
end

-- A command with these headers; it would change the state.
local function command(...)
  return request("/api/settings", "-d", '{"name":"changed"}', ...).status
end

describe("the playground", function()
  it("gives a cookie for the token, and nothing without one of them", function()
    assert.matches("; HttpOnly; SameSite=Strict$", page.set_cookie)
    assert.equal(403, request("/").status)
    assert.equal(403, request("/?token=" .. ("0"):rep(32)).status)
    assert.equal(403, request("/state?token=" .. page.playground:address():match "%x+$").status)
    for _, path in ipairs { "/", "/state", "/events", "/app/app.js", "/thumb/0123456789abcdef" } do
      assert.equal(403, request(path, "-H", page.cookie:gsub("=.*", "=" .. ("0"):rep(32))).status)
    end
    assert.equal(200, page:request("/").status)
    assert.is_nil(page:request("/").headers["set-cookie"])
  end)

  it("answers under no other name, so that a rebound name reaches nothing", function()
    local port = page.base_url:match "%d+$"
    local cookie, token = "Cookie: " .. page.cookie, page.playground:address():match "%x+$"
    for _, host in ipairs { "evil.example:" .. port, "127.0.0.1", "127.0.0.1:1",
      "[::1]:" .. port } do
      local response = request("/state", "-H", cookie, "-H", "Host: " .. host)
      assert.equal(403, response.status, host)
      assert.not_matches("settings", response.body)
      assert.equal(403, command("-H", cookie, "-H", "Host: " .. host, "-H",
        "Origin: http://" .. host))
      assert.equal(403, request("/?token=" .. token, "-H", "Host: " .. host).status)
    end
    assert.equal(200, request("/state", "-H", "Cookie: " .. page.cookie, "-H",
      "Host: localhost:" .. port).status)
  end)

  it("obeys no request of another site, even with the cookie", function()
    local cookie = "Cookie: " .. page.cookie
    assert.equal(403, command("-H", cookie))
    for _, origin in ipairs { "null", "http://evil.example", "https://127.0.0.1",
      "http://127.0.0.1:1", page.base_url .. ".evil.example" } do
      assert.equal(403, command("-H", cookie, "-H", "Origin: " .. origin), origin)
      assert.equal(403, request("/state", "-H", cookie, "-H", "Origin: " .. origin).status)
    end
    for _, site in ipairs { "cross-site", "same-site" } do
      assert.equal(403, command("-H", cookie, "-H", "Origin: " .. page.base_url, "-H",
        "Sec-Fetch-Site: " .. site))
    end
    assert.equal("", name_of_training())
  end)

  it("changes nothing on a GET", function()
    for _, name in ipairs { "settings", "train", "emulator", "remove_photos", "generate" } do
      assert.equal(404, page:request("/api/" .. name).status)
    end
    assert.equal(405, page:request("/api/settings", "-X", "PUT", "-d", '{"name":"x"}').status)
    assert.equal("", name_of_training())
  end)

  it("reads commands of at most 1 MiB, and only objects", function()
    assert.equal(400, page:request("/api/settings", "-d", "[]").status)
    assert.equal(400, page:request("/api/settings", "-d", ("["):rep(5000)).status)
    assert.equal(400, page:request("/api/settings", "-d", "{").status)
    local long = os.tmpname()
    helper.write(long, '{"name":"' .. ("x"):rep(1 << 20) .. '"}')
    assert.equal(400, page:request("/api/settings", "--data-binary", "@" .. long).status)
    os.remove(long)
    assert.equal(422, page:post("settings", { folder = "/" }).status)
    assert.equal(404, page:post("no_such_command").status)
  end)

  it("uses no name of a request as a path", function()
    for _, path in ipairs { "/app/../init.lua", "/app/%2e%2e%2finit.lua", "/app/..%5cinit.lua",
      "/thumb/..%2f..%2f..%2fetc%2fpasswd", "/image/../gallery.json", "/save/..%2fdraft.json",
      "/photo/../../setup.json", "//etc/passwd", "/app/", "/app/style.css%00.js" } do
      assert.equal(404, page:request(path).status, path)
    end
    local photo = os.tmpname()
    helper.write(photo, helper.photo(1))
    local response = page:photo("..%2F..%2F..%2Fescaped.png", photo)
    assert.equal(200, response.status, response.body)
    local shown = page:state().setup.photos[1]
    assert.equal("escaped.png", shown.name)
    assert.equal("file", lfs.attributes(("%s/photos/%s.png"):format(page.path, shown.id), "mode"))
    assert.is_nil(lfs.attributes(page.path .. "/../escaped.png"))
    os.remove(photo)
    page:post("remove_photos", { ids = { shown.id, "../setup.json" } })
    assert.same({}, page:state().setup.photos)
  end)

  it("takes only photos that the library's limits allow", function()
    local bad = os.tmpname()
    helper.write(bad, "<script>alert(1)</script>")
    assert.equal(422, page:photo("x.html", bad).status)
    local huge = helper.photo(1):gsub("(IHDR)%z%z%z.%z%z%z.", "%1\0\1\0\0\0\1\0\0")
    helper.write(bad, huge)
    assert.equal(422, page:photo("huge.png", bad).status)
    assert.equal(413, page:request("/api/photo?name=x", "-H", "Transfer-Encoding: chunked",
      "--data-binary", "@" .. bad).status)
    assert.same({}, page:state().setup.photos)
    for name in lfs.dir(page.path .. "/incoming") do assert.not_matches("%x%x", name) end
    os.remove(bad)
  end)

  it("sends no inline code, and lets the page load nothing from outside", function()
    for _, path in ipairs { "/", "/app/app.js", "/state", "/nothing" } do
      local headers = page:request(path).headers
      local policy = headers["content-security-policy"]
      assert.matches("default%-src 'none'; script%-src 'self'", policy)
      assert.matches("require%-trusted%-types%-for 'script'", policy)
      assert.not_matches("unsafe", policy)
      assert.equal("nosniff", headers["x-content-type-options"])
      assert.equal("no-referrer", headers["referrer-policy"])
    end
    local html = page:request("/").body
    assert.not_matches("<script>", html)
    assert.not_matches(" on%l+=", html)
    assert.not_matches("style=", html)
    assert.not_matches("https?://[^1]", html)
  end)

  it("writes text as text: names, captions and prompts cannot become elements", function()
    local hostile = "<img src=x onerror=alert(1)>\"'&"
    page:post("settings", { name = hostile, instance_prompt = hostile })
    local response = page:request "/state"
    assert.equal("application/json", response.headers["content-type"])
    assert.equal(hostile, response.json.setup.settings.name)
    assert.not_matches("<img", page:request("/" .. "%3Cimg%20src=x%3E").body)
    for _, file in ipairs { "app", "dom", "server", "session", "photos", "crop", "train", "images",
      "trainings" } do
      local script = page:request(("/app/%s.js"):format(file)).body
      for _, way in ipairs { "innerHTML", "outerHTML", "insertAdjacentHTML", "document%.write",
        "eval%(", "Function%(", "setHTML" } do
        assert.not_matches(way, script, file)
      end
    end
  end)

  it("never sends the key to the page", function()
    page:wait(function(state) return state.session.status == "ready" end)
    local key = { key = service.api_key, base_url = service.base_url }
    assert.equal(200, page:post("key", key).status)
    local refused = page:post("key", { key = "sk_wrong_1234567890", base_url = service.base_url })
    assert.equal(422, refused.status)
    assert.not_matches("sk_wrong", refused.body)
    local state = page:request "/state"
    assert.equal("ready", state.json.session.status, "the key that works stays")
    assert.not_matches("sk_", state.body)
    assert.is_nil(state.body:find(service.api_key, 1, true))
  end)
end)
