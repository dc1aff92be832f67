local Canvas = require "novita.image.canvas"
local cli = require "support.cli"
local httpd = require "novita.httpd"
local image = require "novita.image"
local json = require "novita.json"
local novita = require "novita"
local program = require "support.server.program"
local servers = require "novita.server"
local support = require "support.client"

-- A folder with a trained model, and an image that the generators below make.
local function prepare(path)
  program.prepare(path)
  local canvas <close> = assert(Canvas.new(128, 192, 3))
  canvas:fill(0, 0, 128, 192, 10, 200, 30)
  cli.write(path .. "/image", assert(canvas:encode { format = "png" }))
end

local function start(path, more)
  local options = { data = path .. "/data", keys = { anna = "sk_anna", ben = "sk_ben" },
    trainer = { "sh", "-c", 'cp "$MODEL" out/m.safetensors', "sh" },
    environment = { MODEL = path .. "/model", IMAGE = path .. "/image", SEEN = path .. "/seen" },
    base_models = { ["v1-5-pruned-emaonly"] = { path = "/m", family = "sd15" },
      ["sd_xl"] = { path = "/xl", family = "sdxl" } } }
  for name, value in pairs(more) do options[name] = value end
  return assert(servers.start(options))
end

local function client_of(server, key)
  return novita.client { api_key = key or "sk_anna", base_url = server.base_url,
    poll = { first = 0.02, min = 0.02, max = 0.05, rate = 1000 } }
end

local function params(more)
  local all = { model_name = "v1-5-pruned-emaonly.safetensors", prompt = "a photo of ohwx",
    width = 128, height = 192, image_num = 2, steps = 20, guidance_scale = 7.5,
    sampler_name = "DPM++ 2M Karras", seed = 7 }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

local function script(path, name, text)
  cli.write(path .. "/" .. name, "#!/bin/sh\n" .. text)
  assert(os.execute(("chmod +x %s/%s"):format(path, name)))
  return path .. "/" .. name
end

local function seen(path)
  local text = support.read(path .. "/seen")
  os.remove(path .. "/seen")
  return text
end

-- Files of ended tasks that nothing asks for any more.
local function left(path)
  local found = {}
  for name in io.popen(("ls -R %s/data/images"):format(path)):lines() do
    if name:find "^input" or name == "out" then found[#found + 1] = name end
  end
  return found
end

-- Refused with 400, or a task that fails (no status).
local function fails(client, more, text, status)
  local made, err = client:generate(params(more)):wait(60)
  assert.is_nil(made)
  assert.matches(text, err.message)
  assert.equal(status, err.status)
end

-- A command of our contract, made as the prompt says.
local PLAIN <const> = [[
cat request.json >>"$SEEN"; ls >>"$SEEN"
case $(cat request.json) in
  *"one image"*) cp "$IMAGE" out/0001.png; exit ;;
  *"broken"*) head -c 200 "$IMAGE" >out/0001.png; exit ;;
  *"no memory"*) echo 'RuntimeError: no memory'; exit 1 ;;
  *"wait here"*) echo 'progress 1/4' >&3; touch "$IMAGE.waits"
    until test -e "$IMAGE.goes"; do sleep 0.02; done ;;
esac
cp "$IMAGE" out/0001.png; cp "$IMAGE" out/0002.png
]]

local CLI <const> = [[
printf '%s\n' "$@" >>"$SEEN"
while [ $# -gt 1 ]; do [ "$1" = --output ] && out=$2; shift; done
printf '  |====>     | 10/20 - 1.24it/s\033[K\r  |====>     | 20/20 - 1.24it/s\033[K\n'
cp "$IMAGE" "$(printf "$out" 0)"; cp "$IMAGE" "$(printf "$out" 1)"
]]

describe("a server with a generator", function()
  local folder, path, model

  setup(function()
    folder = support.folder()
    path = folder.path
    prepare(path)
  end)

  teardown(function() getmetatable(folder).__close(folder) end)

  it("makes images with a program and a trained model", function()
    local server <close> = start(path, { generator = { script(path, "generate", PLAIN) } })
    local client <close> = client_of(server)
    model = assert(client:train(program.params()):wait(60)).model_name
    local list = assert(client:generate(params { response_image_type = "jpeg",
      loras = { { model_name = model, strength = 0.5 } } }):wait(60))
    assert.equal(2, #list)
    local saved = assert(list[2]:save(path .. "/got.jpeg"))
    local facts = assert(image.probe { path = saved })
    assert.same({ "jpeg", 128, 192 }, { facts.format, facts.width, facts.height })
    local order = json.decode(seen(path):match "^[^\n]*")
    assert.same({ kind = "txt2img", prompt = "a photo of ohwx", width = 128, height = 192,
      image_num = 2, steps = 20, guidance_scale = 7.5, sampler_name = "DPM++ 2M Karras", seed = 7,
      base_model = "v1-5-pruned-emaonly", base_path = "/m", checkpoint = "/m", family = "sd15",
      loras = { { path = ("%s/data/models/%s"):format(path, model), strength = 0.5,
        name = model:gsub("%.safetensors$", "") } } }, order)
    list = assert(client:generate(params { image = { path = saved }, strength = 0.4 }):wait(60))
    assert.equal(2, #list)
    order = seen(path)
    assert.matches('"input":"[^"]*/input.jpeg".*"kind":"img2img".*"strength":0.4', order)
    assert.matches("\ninput.jpeg\n", order)
    assert.same({}, left(path))
  end)

  it("says why it has not", function()
    local server <close> = start(path, { generator = { path .. "/generate" } })
    local client <close> = client_of(server)
    local ben <close> = client_of(server, "sk_ben")
    fails(client, { prompt = "one image" },
      "the generator has left 1 images in out/, but must leave 2")
    fails(client, { prompt = "broken", image_num = 1 }, "has left an unusable image: 0001.png")
    fails(client, { prompt = "no memory" },
      "the generator has ended with status 1: RuntimeError: no memory")
    fails(client, { width = 256 }, "has made an image of 128x192 instead of 256x192")
    assert.same({}, left(path))
    fails(client, { model_name = "dreamshaper" }, "this server has no base model dreamshaper", 400)
    fails(client, { hires_fix = { target_width = 256, target_height = 256, strength = 1 } },
      "this server has no hires_fix", 400)
    local lora = { loras = { { model_name = model, strength = 1 } } }
    fails(ben, lora, "not found or not serving", 400)
    fails(client, { model_name = "sd_xl", loras = lora.loras },
      "is for another base model than sd_xl", 400)
  end)

  it("posts no webhook to another machine, nor for one", function()
    local server <close> = start(path, { generator = { path .. "/generate" } })
    local client <close> = client_of(server)
    fails(client, { webhook = { url = "https://studio.example.org/hook" } },
      "the URL of a webhook must lead to the machine of this server", 400)
    server:stop()
    local public <close> = start(path, { generator = { path .. "/generate" },
      public_url = "https://gpu.example:8743" })
    local other <close> = client_of { base_url = "http://127.0.0.1:" .. public.server:port() }
    for _, test_mode in ipairs { { enabled = true, return_task_status = "TASK_STATUS_SUCCEED" },
      false } do
      fails(other, { webhook = { url = "http://127.0.0.1:9/hook", test_mode = test_mode or nil } },
        "this server posts no webhooks, because other machines can reach it", 400)
    end
  end)

  it("continues after a restart, with its webhook", function()
    local receiver <close> = assert(httpd.start { name = "it", entry = "support.server.receiver",
      options = path .. "/events", port = 0, tick = 0, body_limit = 1 << 20 })
    local server = start(path, { generator = { path .. "/generate" } })
    local client <close> = client_of(server)
    local task = client:generate(params { prompt = "wait here",
      webhook = { url = ("http://127.0.0.1:%d/hook"):format(receiver:port()) } })
    local status
    for status_now in task:updates() do
      status = status_now
      if status.progress_percent == 25 then break end
    end
    assert.equal(25, status.progress_percent)
    server:stop()
    cli.write(path .. "/image.goes", "")
    local again <close> = start(path, { generator = { path .. "/generate" } })
    local later <close> = client_of(again)
    local id = status.task_id
    assert.equal(2, #assert(assert(later:attach { task_id = id, task_type = "image" }):wait(60)))
    local text
    for _ = 1, 1000 do
      text = support.read(path .. "/events")
      if text and text:find "\n" then break end
      later:sleep(0.02)
    end
    assert.matches('"ASYNC_TASK_RESULT".*"TASK_STATUS_SUCCEED"', text)
    local _, count = text:gsub("\n", "")
    assert.equal(1, count)
  end)

  it("makes images with a WebUI", function()
    local webui <close> = assert(httpd.start { name = "it", entry = "support.server.fake_sdapi",
      port = 0, tick = 0, body_limit = 64 << 20, options = json.encode { image = path .. "/image",
        log = path .. "/seen", models = path .. "/data/models", seconds = 0.6 } })
    local url = ("http://127.0.0.1:%d"):format(webui:port())
    local server <close> = start(path, { generator = url })
    local client <close> = client_of(server)
    local name = model:gsub("%.safetensors$", "")
    local task = client:generate(params { loras = { { model_name = name, strength = 0.7 } },
      clip_skip = 2 })
    local percents = {}
    for status in task:updates() do percents[status.progress_percent or 0] = true end
    assert.equal(2, #assert(task:wait(60)))
    assert.is_true(percents[25] or percents[75])
    local bodies = {}
    for line in seen(path):gmatch "/txt2img ([^\n]*)" do bodies[#bodies + 1] = json.decode(line) end
    assert.same({ prompt = ("a photo of ohwx <lora:%s:0.7>"):format(name), width = 128,
      height = 192, steps = 20, cfg_scale = 7.5, sampler_name = "DPM++ 2M Karras", batch_size = 1,
      n_iter = 1, seed = 8, do_not_save_grid = true, do_not_save_samples = true,
      override_settings = { sd_model_checkpoint = "v1-5-pruned-emaonly",
        CLIP_stop_at_last_layers = 2 } }, bodies[2])
    fails(client, { prompt = "refuse me" },
      "the generator has responded with status 404: Sampler not found")
    fails(client, { model_name = "sd_xl" }, "the generator has no model sd_xl")
    fails(client, { prompt = "a <lora:other:1>" }, 'prompt must not have "<lora:"', 400)
    fails(client, { width = 130 }, "width must be a multiple of 8", 400)
    webui:stop()
    fails(client, {}, "the generator at " .. url:gsub("%p", "%%%0") .. " does not respond")
  end)

  it("makes images with the server of stable-diffusion.cpp", function()
    local cpp <close> = assert(httpd.start { name = "it", entry = "support.server.fake_sdapi",
      port = 0, tick = 0, body_limit = 64 << 20,
      options = json.encode { image = path .. "/image", cpp = true, log = path .. "/seen",
        models = path .. "/data/models", seconds = 0 } })
    local server <close> = start(path, { generator = ("http://127.0.0.1:%d"):format(cpp:port()) })
    local client <close> = client_of(server)
    assert(client:generate(params { image_num = 1, image = { path = path .. "/image" },
      loras = { { model_name = model, strength = 0.7 } } }):wait(60))
    local body = json.decode(seen(path):match "/img2img ([^\n]*)")
    assert.same({ "dpm++2m", "karras", "a photo of ohwx", { { path = model, multiplier = 0.7 } } },
      { body.sampler_name, body.scheduler, body.prompt, body.lora })
    assert.equal(1, #body.init_images)
    fails(client, { sampler_name = "PLMS" },
      "cannot do this: stable%-diffusion.cpp has no sampler PLMS")
  end)

  it("makes images with sd-cli", function()
    seen(path)
    local server <close> = start(path, { generator = { script(path, "sd-cli", CLI), "--fa" } })
    local client <close> = client_of(server)
    assert.equal(2, #assert(client:generate(params {
      loras = { { model_name = model, strength = 0.25 } } }):wait(60)))
    local words = {}
    for word in seen(path):gmatch "[^\n]+" do words[#words + 1] = word end
    local known = dofile "spec/fixtures/generators/sd_cli.lua"
    for _, word in ipairs(words) do
      assert.is_true(not word:find "^%-%-" or known[word] ~= nil, word)
    end
    local line = table.concat(words, " ")
    assert.matches("^%-%-fa %-%-model /m .*%-%-seed 7 %-%-batch%-count 2 ", line)
    assert.truthy(line:find(("--prompt a photo of ohwx <lora:%s:0.25> --sampling-method dpm++2m "
      .. "--scheduler karras --lora-model-dir %s/data/models"):format(
      model:gsub("%.safetensors$", ""), path), 1, true), line)
    fails(client, { sampler_name = "PLMS" }, "has no sampler PLMS", 400)
  end)

  it("and one without says so", function()
    local server <close> = start(path, {})
    local client <close> = client_of(server)
    fails(client, {}, "this server makes no images: it has no generator", 400)
    local ok, message = pcall(start, path, { generator = "127.0.0.1:7860" })
    assert.is_false(ok)
    assert.matches('generator must be a URL such as "http://127.0.0.1:7860"', message)
  end)
end)
