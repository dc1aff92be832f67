-- The routes of novita.service with another engine than the emulator's: photos and models in
-- files, two accounts.

local helper = require "support.emulator"
local httpd = require "novita.httpd"

local folder, server

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read("a"):gsub("%s+$", ""))
end

local function write(name, bytes)
  local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(bytes)
  return folder .. "/" .. name
end

local function api(method, path, body, key)
  return helper.api({ base_url = ("http://127.0.0.1:%d"):format(server:port()),
    api_key = key or "sk_anna" }, method, path, body)
end

before_each(function()
  folder = shell "mktemp -d"
  server = assert(httpd.start { name = "the test", entry = "support.httpd.file_engine",
    options = folder, port = 0, body_limit = 1 << 23, tick = 0 })
end)

after_each(function()
  server:stop()
  os.execute("rm -rf " .. folder)
end)

local function presign()
  return api("POST", "/v3/assets/training_dataset", { file_extension = "png" }).json.upload_url
end

local function spools()
  return shell(("ls %s | grep -c spool"):format(folder))
end

local function gone()
  for _ = 1, 1000 do
    if spools() == "0" then return true end
    os.execute "sleep 0.01"
  end
  return false
end

describe("an engine with files", function()
  it("gets a photo as a file, once its link is checked", function()
    local photo = write("photo", ("photo "):rep(500000))
    local url = presign()
    local response = helper.curl("-T", photo, url)
    assert.equal(200, response.status, response.body)
    assert.equal(shell("md5sum <" .. photo):match "%x+", response.headers.etag:match "%x+")
    assert.equal("", shell(("cmp %s %s/1"):format(photo, folder)))
    assert.equal(403, helper.curl("-T", photo, (url:gsub("Signature=%x", "Signature=x"))).status)
    assert.equal(501, helper.curl("-T", photo, "-H", "Transfer-Encoding: chunked", url).status)
    assert.is_true(gone())
  end)

  it("may have no room, or no folder", function()
    local photo = write("photo", "photo")
    local url = presign()
    server:call("fill", "")
    assert.equal(503, helper.curl("-T", photo, url).status)
    assert.is_true(gone())
    server:call("", "")
    os.execute(("mv %s %s.away"):format(folder, folder))
    local response = helper.curl("-T", folder .. ".away/photo", url)
    os.execute(("mv %s.away %s"):format(folder, folder))
    assert.equal(503, response.status)
    assert.equal(200, helper.curl("-T", photo, url).status)
  end)

  it("sends a model's file, whole or a range", function()
    local bytes = {}
    for i = 1, 10000 do bytes[i] = ("%09d "):format(i) end
    write("model", table.concat(bytes))
    local model = api("GET", "/v3/model").json.models[1]
    assert.equal(shell(("sha256sum <%s/model"):format(folder)):match "%x+", model.hash_sha256)
    local response = helper.curl(model.download_url)
    assert.equal(table.concat(bytes), response.body)
    assert.equal('"model"', response.headers.etag)
    response = helper.curl("-r", "10-29", model.download_url)
    assert.equal("206 000000002 000000003 ", response.status .. " " .. response.body)
    assert.equal("bytes 10-29/100000", response.headers["content-range"])
    assert.equal("20", response.headers["content-length"])
    assert.equal(416, helper.curl("-r", "100000-", model.download_url).status)
  end)

  it("keeps the accounts of two keys apart", function()
    local body = helper.subject { "1" }
    local id = api("POST", "/v3/training/subject", body).json.task_id
    assert.equal("anna-1", id)
    local path = "/v3/training/subject?task_id=" .. id
    assert.equal("QUEUING", api("GET", path).json.task_status)
    assert.equal(404, api("GET", path, nil, "sk_ben").status)
    assert.equal(403, api("GET", path, nil, "sk_eve").status)
    assert.equal(0, #api("GET", "/v3/training", nil, "sk_ben").json.tasks)
    assert.equal(id, api("GET", "/v3/training").json.tasks[1].task_id)
  end)

  it("refuses with its own words, and pages go through its list", function()
    local body = helper.subject { "1" }
    for _ = 1, 3 do api("POST", "/v3/training/subject", body) end
    local response = api("POST", "/v3/training/subject", body)
    assert.equal("429 TOO_MANY_TASKS 3 trainings wait already",
      ("%d %s %s"):format(response.status, response.json.reason, response.json.message))
    local page = api("GET", "/v3/training?pagination.limit=2").json
    assert.equal("anna-3", page.tasks[1].task_id)
    page = api("GET", "/v3/training?pagination.limit=2&pagination.cursor="
      .. page.pagination.next_cursor).json
    assert.equal("anna-1", page.tasks[1].task_id)
    assert.equal("", page.pagination.next_cursor)
  end)
end)
