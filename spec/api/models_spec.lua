local core = require "novita.core"
local emulator = require "novita.emulator"
local helper = require "support.emulator"
local lfs = require "lfs"
local refusal = require "support.refusal"
local responses = require "support.responses"

local function start(options)
  options = options or {}
  options.speed = 0
  return assert(emulator.start(options))
end

local function open(service)
  local client = service:client { retry = { min = 0.01, max = 0.02 } }
  client.models.range = 1000 -- small ranges, so that small files have many
  return client
end

local function read_file(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

-- Finds a model and saves its file.
local function save(client, name, path, options)
  local model, err = client.models:find(name)
  if not model then
    return nil, err
  end
  return model:save(path, options)
end

local function count(list) return list and #list end

describe("the list of models", function()
  local EXAMPLE = [[{"models":[{"id":804666,"name":"Add Detail","hash_sha256":"%s",
    "sd_name":"add_detail_44319.safetensors","sd_name_in_api":"add_detail_44319",
    "type":{"name":"lora","display_name":"LoRA"},"categories":["style"],"status":1,
    "download_url_ttl":"3600","download_url":"https://x.example/secret","tags":["detail"],
    "cover_url":"https://x.example/c.png","source":"civitai","base_model":"SD 1.5",
    "base_model_type":"Standard","is_sdxl":false}],"pagination":{"next_cursor":"c_W=="}}]]

  it("reads every field", function()
    local hex = ("0123456789ABCDEF"):rep(4)
    local client = responses.client(EXAMPLE:format(hex))
    local model = assert(client.models:list():first())
    assert.same({
      id = "804666", name = "Add Detail", hash_sha256 = hex:lower(), status = 1,
      sd_name = "add_detail_44319.safetensors", sd_name_in_api = "add_detail_44319",
      model_name = "add_detail_44319", type = "lora", type_name = "LoRA",
      categories = { "style" }, tags = { "detail" }, download_url_ttl = 3600,
      cover_url = "https://x.example/c.png", source = "civitai", base_model = "SD 1.5",
      base_model_type = "Standard", is_sdxl = false,
    }, setmetatable(model, nil))
  end)

  it("keeps the link, a secret, out of its fields", function()
    local model = responses.client(EXAMPLE:format "").models:list():first()
    assert.equal("https://x.example/secret", model:download_url())
    for _, value in pairs(model) do assert.not_equal("https://x.example/secret", value) end
    assert.equal("add_detail_44319", tostring(model))
  end)

  it("sends its filters as the API's page spells them", function()
    local client, requests = responses.client '{"models":[]}'
    client.models:list({ visibility = "private", source = "training", types = "lora",
      is_sdxl = false, is_inpainting = true, query = "a b&c", page_size = 7 }):all()
    assert.equal("http://127.0.0.1:9/v3/model?filter.visibility=private&filter.source=training&"
      .. "filter.types=lora&filter.is_sdxl=false&filter.is_inpainting=true&"
      .. "filter.query=a%20b%26c&pagination.limit=7", requests[1].url)
  end)

  for _, case in ipairs {
    { { types = "loras" }, 'types must be "checkpoint", "lora", "vae", "controlnet", '
      .. '"upscaler" or "textualinversion", got "loras" (did you mean "lora"?)' },
    { { is_sdxl = 1 }, "is_sdxl must be true or false, got 1" },
    { { page_size = 0 }, "page_size must be an integer from 1 to 100, got 0" },
  } do
    it("refuses " .. case[2], function()
      local client = responses.client "{}"
      assert.equal(case[2], refusal(client.models.list, client.models, case[1]))
    end)
  end

  it("is read page by page, and filtered by the service", function()
    local service <close> = start()
    local client <close> = open(service)
    helper.model(service)
    assert.equal(18, count(client.models:list({ page_size = 5 }):all()))
    assert.equal(17, count(client.models:list({ visibility = "public", page_size = 17 }):all()))
    assert.equal(1, count(client.models:list({ visibility = "private", source = "training",
      types = "lora" }):all()))
    assert.equal(7, count(client.models:list({ types = "checkpoint", is_sdxl = true }):all()))
    assert.equal("dreamshaper_8_93211.safetensors",
      client.models:list({ query = "dreamshaper_8" }):first().model_name)
  end)
end)

describe("finding a trained model", function()
  it("works by its name with and without the ending, and by the model itself", function()
    local service <close> = start()
    local client <close> = open(service)
    local name = helper.model(service)
    for _, wanted in ipairs { name, (name:gsub("%.safetensors$", "")), { model_name = name } } do
      assert.equal(name, assert(client.models:find(wanted)).sd_name)
    end
    local none, err = client.models:find "model_1_0123456789.safetensors"
    assert.is_nil(none)
    assert.equal("MODEL_NOT_FOUND", err.code)
    assert.is_true(err.retryable)
  end)

  it("reports the service's error", function()
    local client = responses.client { status = 401, body = "" }
    local none, err = client.models:find "x"
    assert.is_nil(none)
    assert.equal(401, err.status)
  end)

  it("rejects a value that is not a model", function()
    local client = responses.client "{}"
    assert.equal("model must be a model's name, or a table with model_name, got nil",
      refusal(client.models.find, client.models, {}))
  end)
end)

describe("downloading a model", function()
  local folder, path

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    path = folder .. "/m.safetensors"
  end)

  after_each(function() os.execute("rm -rf " .. folder) end)

  local function files()
    local names = {}
    for name in lfs.dir(folder) do
      if not name:find "^%.%.?$" then names[#names + 1] = name end
    end
    return table.concat(names, " ")
  end

  it("saves the service's file", function()
    local service <close> = start { model_bytes = 5500 }
    local client <close> = open(service)
    local name = helper.model(service)
    assert.equal(path, save(client, name, path))
    local bytes = read_file(path)
    assert.equal(5500, #bytes)
    assert.equal(client.models:find(name).hash_sha256, core.sha256():add(bytes):hex())
    local length = string.unpack("<I8", bytes)
    assert.matches("nothing was trained", bytes:sub(9, 8 + length))
    assert.equal("m.safetensors", files())
    for _, request in ipairs(service:requests()) do
      if request.route == "model-file" then assert.is_nil(request.headers.authorization) end
    end
  end)

  for name, fault in pairs {
    ["a body cut in its middle"] = { kind = "cut_body", times = 3 },
    ["a reset"] = { kind = "reset_before", times = 3 },
    ["a full service"] = { kind = "status", status = 503, times = 3 },
  } do
    it("resumes after " .. name, function()
      local service <close> = start { model_bytes = 5000 }
      local client <close> = open(service)
      local model = helper.model(service)
      fault.route, fault.skip = "model-file", 2
      service:fault(fault)
      assert(save(client, model, path))
      assert.equal(5000, #read_file(path))
      local starts = {}
      for _, request in ipairs(service:requests()) do
        if request.route == "model-file" then
          starts[#starts + 1] = request.headers.range:match "=(%d+)"
        end
      end
      assert.equal("0 1000 2000 2000 2000 2000 3000 4000", table.concat(starts, " "))
    end)
  end

  it("resumes from the partial file of an earlier run", function()
    local service <close> = start { model_bytes = 5000 }
    local client <close> = open(service)
    local model = helper.model(service)
    service:fault { kind = "status", status = 400, route = "model-file", skip = 3 }
    local none, err = save(client, model, path)
    assert.is_nil(none)
    assert.equal(400, err.status)
    assert.equal("m.safetensors.part", files())
    assert.equal(3000, #read_file(path .. ".part"))
    service:clear_faults()
    local before = #service:requests()
    assert(save(client, model, path))
    assert.equal(5000, #read_file(path))
    assert.equal(2, #service:requests() - before - 1)
    assert.equal("m.safetensors", files())
  end)

  it("is written by one call at a time", function()
    local service <close> = start { model_bytes = 5000 }
    local client <close> = open(service)
    local model = helper.model(service)
    local errs = {}
    local group <close> = client:group()
    for _ = 1, 2 do
      group:spawn(function()
        local _, err = save(client, model, path)
        errs[#errs + 1] = err
      end)
    end
    assert(group:wait())
    assert.equal(1, #errs)
    assert.matches("another call or process is saving " .. path, errs[1].message, 1, true)
    assert.equal(5000, #read_file(path))
    assert(save(client, model, path))
  end)

  it("does not give a wrong file its name", function()
    local service <close> = start { model_bytes = 5000 }
    local client <close> = open(service)
    local model = helper.model(service)
    local part = assert(io.open(path .. ".part", "wb"))
    part:write(("x"):rep(1000))
    part:close()
    local none, err = save(client, model, path)
    assert.is_nil(none)
    assert.equal("sha256", err.code)
    assert.is_true(err.retryable)
    assert.equal("", files())
    assert(save(client, model, path))
  end)

  it("compares the file with the SHA-256 that the script gives", function()
    local service <close> = start()
    local client <close> = open(service)
    local model = helper.model(service)
    local none, err = save(client, model, path, { sha256 = ("0"):rep(64) })
    assert.is_nil(none)
    assert.equal("sha256", err.code)
    assert.equal("", files())
  end)

  it("keeps the old file if the download fails", function()
    local service <close> = start()
    local client <close> = open(service)
    local model = helper.model(service)
    local old = assert(io.open(path, "wb"))
    old:write "old"
    old:close()
    service:fault { kind = "status", status = 400, route = "model-file" }
    assert.is_nil((save(client, model, path)))
    assert.equal("old", read_file(path))
  end)

  it("requests a new link when its link has expired", function()
    local service <close> = start { result_ttl = 60 }
    local client <close> = open(service)
    helper.model(service)
    local model = assert(client.models:list({ types = "lora" }):first())
    service:advance(61)
    assert(model:save(path))
    assert.equal(64 * 1024, #read_file(path))
  end)

  it("gives up on links that never work", function()
    local service <close> = start()
    local client <close> = open(service)
    local model = helper.model(service)
    service:fault { kind = "status", status = 403, route = "model-file", forever = true }
    local none, err = save(client, model, path)
    assert.is_nil(none)
    assert.equal(403, err.status)
    assert.equal(3, service:ledger().routes["model-file"].requests)
  end)

  for size, what in pairs { [900] = "small", [5000] = "large" } do
    it("downloads the whole file if the service does not support ranges: " .. what, function()
      local service <close> = start { model_bytes = size, model_ranges = false }
      local client <close> = open(service)
      assert(save(client, helper.model(service), path))
      assert.equal(size, #read_file(path))
      assert.equal("m.safetensors", files())
    end)
  end

  it("of a whole number of ranges ends by itself", function()
    local service <close> = start { model_bytes = 3000 }
    local client <close> = open(service)
    assert(save(client, helper.model(service), path))
    assert.equal(3, service:ledger().routes["model-file"].requests)
  end)

  it("starts again once if the file changes meanwhile, then gives up", function()
    local total = 3000
    local client = responses.client(function(request)
      if request.url:find "/v3/model" then
        return '{"models":[{"sd_name":"m","download_url":"http://127.0.0.1:9/f"}]}'
      end
      local from = tonumber(request.range:match "=(%d+)")
      if from == 1000 then total = total + 1 end
      return { status = 206, body = ("x"):rep(1000),
        content_range = ("bytes %d-%d/%d"):format(from, from + 999, total) }
    end)
    client.models.range = 1000
    local none, err = save(client, "m", path)
    assert.is_nil(none)
    assert.equal("changed", err.code)
    assert.equal("", files())
  end)

  it("rejects a range that it did not request", function()
    local client = responses.client(function(request)
      if request.url:find "/v3/model" then
        return '{"models":[{"sd_name":"m","download_url":"http://127.0.0.1:9/f"}]}'
      end
      return { status = 206, body = "abc", content_range = "bytes 5-7/100" }
    end)
    local none, err = save(client, "m", path)
    assert.is_nil(none)
    assert.equal("range", err.code)
    assert.equal("", files())
  end)

  it("reports a missing link", function()
    local service <close> = start { model_links = false }
    local client <close> = open(service)
    local none, err = save(client, helper.model(service), path)
    assert.is_nil(none)
    assert.equal("NO_DOWNLOAD_URL", err.code)
    assert.equal("", files())
  end)

  it("reports a file that it cannot write", function()
    local service <close> = start()
    local client <close> = open(service)
    local none, err = save(client, helper.model(service), folder .. "/no/m")
    assert.is_nil(none)
    assert.equal("file", err.kind)
  end)

  it("is a method of a training's result too", function()
    local service <close> = start { model_bytes = 5000 }
    local client <close> = open(service)
    local _, id = helper.model(service)
    local model = assert(client:attach { task_id = id, task_type = "subject" }:wait(10))
    assert.is_nil(model:download_url())
    assert.equal(path, model:save(path))
    assert.equal(5000, #read_file(path))
    assert.equal("novita.Model", getmetatable(model).__name)
    assert.equal(getmetatable(model), getmetatable(client.models:find(model)))
    assert.equal("saved " .. model.model_name, "saved " .. model)
  end)

  for _, case in ipairs {
    { { "" }, 'path must be the name of a file, got ""' },
    { { "p", { progress = print } }, "progress is not an option of a download: the options are "
      .. "sha256, timeout" },
    { { "p", { sha256 = "abc" } }, 'sha256 must be a string of 64 hex digits, got "abc"' },
    { { "p", { timeout = "soon" } }, 'timeout must be a number of seconds, got "soon"' },
    { { "p", 5 }, "the options of a download must be a table, got 5" },
  } do
    it("refuses " .. case[2], function()
      local client = responses.client '{"models":[{"sd_name":"m"}]}'
      local model = client.models:list():first()
      assert.equal(case[2], refusal(model.save, model, table.unpack(case[1])))
    end)
  end
end)

describe("a timeout of a list", function()
  it("is for all pages together", function()
    local service <close> = start()
    local client <close> = open(service)
    service:fault { kind = "delay", delay = 0.15, route = "models", forever = true }
    local began = core.now()
    local all, err = client.models:list({ page_size = 2 }):all(0.4)
    assert.is_nil(all)
    assert.equal("timeout", err.kind)
    assert.is_true(core.now() - began < 1)
    local model
    model, err = client.models:list({ page_size = 2 }):first(0.01)
    assert.is_nil(model)
    assert.equal("timeout", err.kind)
    assert.is_table(client.models:list({ page_size = 2 }):first(5))
  end)
end)
