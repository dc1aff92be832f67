local cli = require "support.cli"
local fake = require "server.fake_trainers"
local novita = require "novita"
local program = require "support.server.program"
local servers = require "novita.server"
local support = require "support.client"
local trainers = require "novita.server.trainers"

local function recorded(name)
  return dofile(("spec/fixtures/trainers/%s.lua"):format(name))
end

local SD15 <const> = { path = "/models/sd15", family = "sd15" }
local SDXL <const> = { path = "/models/sdxl", family = "sdxl" }

-- Every field of a training.
local function body(more, expert)
  local all = { base_model = "v1", width = 512, height = 512,
    image_dataset_items = { { assets_id = "a" }, { assets_id = "b" } },
    components = { { name = "resize", args = { { name = "width", value = "512" },
      { name = "height", value = "512" } } } },
    expert_setting = { train_batch_size = 2, learning_rate = 1e-5, max_train_steps = 300,
      seed = 7, lr_scheduler = "cosine", lr_warmup_steps = 10, instance_prompt = 'a "b" ohwx',
      class_prompt = "person", with_prior_preservation = true, prior_loss_weight = 0.5,
      train_text_encoder = true, lora_r = 16, lora_alpha = 16, lora_text_encoder_r = 16,
      lora_text_encoder_alpha = 16 } }
  for name, value in pairs(more or {}) do all[name] = value end
  for name, value in pairs(expert or {}) do all.expert_setting[name] = value end
  return all
end

local function options_of(name)
  return { trainer = { name, "--mixed_precision", "bf16" }, trainer_scripts = "/scripts",
    python = "/venv/python", generator = {} }
end

local function is_of(kind, value)
  if kind == "int" then return math.tointeger(value) ~= nil end
  if kind == "float" or kind == "int_or_float" then return tonumber(value) ~= nil end
  for _, choice in ipairs(type(kind) == "table" and kind or { value }) do
    if choice == value then return true end
  end
  return false
end

-- Each option must be one that the trainer's own parser has, with a value that it takes.
local function check_against(argv, known)
  local values, i = {}, 3
  while i <= #argv do
    local name = argv[i]
    local kind = assert(known[name], name .. " is no option of the trainer")
    i = i + 1
    if kind == "flag" then
      values[name] = true
    else
      local from = i
      repeat
        assert.is_true(is_of(kind, argv[i]), ("%s %s"):format(name, argv[i]))
        i = i + 1
      until kind ~= "list" or not argv[i] or argv[i]:find "^%-%-"
      values[name] = i - from == 1 and argv[from] or { table.unpack(argv, from, i - 1) }
    end
  end
  return values
end

local function plan(name, base, more, expert)
  return trainers.plan(options_of(name), body(more, expert), base, "/task")
end

local function refusal(name, base, more, expert)
  return trainers.refusal(options_of(name), body(more, expert), base)
end

describe("the adapter of peft", function()
  it("says what its scripts understand", function()
    local made = plan("peft", SD15)
    assert.same({ "Steps", "model.safetensors", 2 }, { made.bar, made.model, #made.commands })
    assert.same({ "/venv/python", "/scripts/train_dreambooth.py" },
      { table.unpack(made.commands[1], 1, 2) })
    local values = check_against(made.commands[1], recorded "peft")
    assert.same({ ["--use_lora"] = true, ["--no_tracemalloc"] = true, ["--center_crop"] = true,
      ["--report_to"] = "tensorboard", ["--mixed_precision"] = "bf16",
      ["--checkpointing_steps"] = "301", ["--pretrained_model_name_or_path"] = "/models/sd15",
      ["--instance_data_dir"] = "/task/images", ["--output_dir"] = "/task/out",
      ["--instance_prompt"] = 'a "b" ohwx', ["--resolution"] = "512", ["--lora_r"] = "16",
      ["--lora_alpha"] = "16", ["--train_batch_size"] = "2", ["--max_train_steps"] = "300",
      ["--learning_rate"] = "1e-05", ["--lr_scheduler"] = "cosine", ["--lr_warmup_steps"] = "10",
      ["--seed"] = "7", ["--train_text_encoder"] = true, ["--lora_text_encoder_r"] = "16",
      ["--lora_text_encoder_alpha"] = "16", ["--with_prior_preservation"] = true,
      ["--class_data_dir"] = "/task/class", ["--class_prompt"] = "person",
      ["--num_class_images"] = "100", ["--prior_loss_weight"] = "0.5" }, values)
    assert.same({ ["--sd_checkpoint"] = "/models/sd15", ["--peft_lora_path"] = "/task/out",
      ["--dump_path"] = "/task/out/model.safetensors", ["--half"] = true },
      check_against(made.commands[2], recorded "peft_convert"))
  end)

  it("always says the warm-up, and no seed that was not asked for", function()
    local small = { width = 512, height = 512, image_dataset_items = { {} },
      expert_setting = { instance_prompt = "a", class_prompt = "person" } }
    local values = check_against(trainers.plan(options_of "peft", small, SD15, "/task")
      .commands[1], recorded "peft")
    assert.same({ "0", "500", "0.0001", "8", "32" }, { values["--lr_warmup_steps"],
      values["--max_train_steps"], values["--learning_rate"], values["--lora_r"],
      values["--lora_alpha"] })
    assert.is_nil(values["--seed"])
    assert.is_nil(values["--class_data_dir"])
  end)

  it("gives a prompt to its script as it is, or not at all", function()
    local argv = plan("peft", SD15, nil, { instance_prompt = "--push_to_hub" }).commands[1]
    assert.truthy(table.concat(argv, "\n"):find("\n--instance_prompt=--push_to_hub\n", 1, true))
    assert.matches("must not have NUL characters", trainers.refusal(options_of "peft",
      body(nil, { instance_prompt = "ohwx\0cup" }), SD15))
  end)

  it("refuses what it cannot do", function()
    assert.is_nil(refusal("peft", SD15))
    assert.truthy(refusal("peft", SDXL):find "base_model v1 is SDXL: the trainer takes SD 1.5 only")
    assert.truthy(refusal("peft", SD15, { height = 768 }):find "must be the same .* 512x768")
    assert.truthy(refusal("peft", SD15, { image_dataset_items = { { caption = "a" } } })
      :find "takes no captions")
    assert.truthy(refusal("peft", SD15, nil, { class_prompt = "" }):find "class_prompt is missing")
    assert.truthy(refusal("peft", SD15, nil, { instance_prompt = "" })
      :find "instance_prompt is missing")
    assert.truthy(refusal("peft", SD15, { components = { { name = "face_restore", args = {} } } })
      :find "nothing here does the component face_restore")
    assert.truthy(refusal("peft", SD15, { components = { { name = "resize", args = {
      { name = "width", value = "640" } } } } }):find "of the training, 512x512")
  end)
end)

describe("the adapter of kohya", function()
  it("says what its scripts understand", function()
    for _, version in ipairs { "kohya_0_9", "kohya_0_10" } do
      local made = plan("kohya", SD15, nil, { lora_text_encoder_r = 4 })
      assert.same({ "steps", "model.safetensors", 1 }, { made.bar, made.model, #made.commands })
      assert.equal("/scripts/train_network.py", made.commands[1][2])
      local values = check_against(made.commands[1], recorded(version))
      assert.same({ "block_dims=" .. ("16,"):rep(24) .. "16",
        "block_alphas=" .. ("16,"):rep(24) .. "16" }, values["--network_args"])
      assert.same({ "4", "16", "0.5", "/task/dataset.toml", "model" }, {
        values["--network_dim"], values["--network_alpha"], values["--prior_loss_weight"],
        values["--dataset_config"], values["--output_name"] })
      assert.is_nil(values["--network_train_unet_only"])
      local other = plan("kohya", SDXL, nil, { train_text_encoder = false })
      assert.equal("/scripts/sdxl_train_network.py", other.commands[1][2])
      values = check_against(other.commands[1], recorded(version))
      assert.same({ "16", "16", true, true }, { values["--network_dim"],
        values["--network_alpha"], values["--network_train_unet_only"],
        values["--no_half_vae"] })
    end
    local values = check_against(plan("kohya", SDXL).commands[1], recorded "kohya_0_10")
    assert.equal("block_dims=" .. ("16,"):rep(22) .. "16", values["--network_args"][1])
  end)

  it("describes the data set", function()
    local layout = trainers.layout(options_of "kohya", body { height = 640 }, SD15, "/task", {})
    assert.is_true(layout.captions_beside)
    assert.same({ ["dataset.toml"] = [=[
[general]
caption_extension = ".txt"

[[datasets]]
resolution = [512, 640]
batch_size = 2

[[datasets.subsets]]
image_dir = "/task/images"
class_tokens = "a \"b\" ohwx"

[[datasets.subsets]]
image_dir = "/task/class"
class_tokens = "person"
is_reg = true
]=] }, layout.files)
  end)

  it("refuses what it cannot do", function()
    assert.is_nil(refusal("kohya", SDXL, { height = 1024,
      components = {}, image_dataset_items = { { caption = "a" } } }))
    assert.truthy(refusal("kohya", SD15, { width = 500 })
      :find "width must be a multiple of 64 for this trainer, got 500")
    local alone = options_of "kohya"
    alone.generator = nil
    assert.truthy(trainers.refusal(alone, body(), SD15):find "the server has no generator")
    assert.is_nil(trainers.refusal(alone, body(nil, { with_prior_preservation = false }), SD15))
  end)
end)

describe("the adapter of diffusers", function()
  it("says what its scripts understand", function()
    for _, version in ipairs { "diffusers_0_27", "diffusers_0_40" } do
      local made = plan("diffusers", SD15)
      assert.same({ "Steps", "pytorch_lora_weights.safetensors" }, { made.bar, made.model })
      local values = check_against(made.commands[1], recorded(version))
      assert.same({ "16", "/task/images", "/task/class" }, { values["--rank"],
        values["--instance_data_dir"], values["--class_data_dir"] })
    end
    for _, version in ipairs { "diffusers_sdxl_0_28", "diffusers_sdxl_0_40" } do
      local made = plan("diffusers", SDXL, { image_dataset_items = { { caption = "x" }, {} } })
      assert.equal("pytorch_lora_weights_kohya.safetensors", made.model)
      local values = check_against(made.commands[1], recorded(version))
      assert.same({ true, "/task/images", "text" }, { values["--output_kohya_format"],
        values["--dataset_name"], values["--caption_column"] })
      assert.is_nil(values["--instance_data_dir"])
    end
  end)

  it("writes captions for SDXL", function()
    local photos = { { extension = "jpg", caption = "x" }, { extension = "png" } }
    local layout = trainers.layout(options_of "diffusers",
      body { image_dataset_items = { { caption = "x" }, {} } }, SDXL, "/task", photos)
    assert.same({ ["images/metadata.jsonl"] = '{"file_name":"0001.jpg","text":"x"}\n'
      .. '{"file_name":"0002.png","text":"a \\"b\\" ohwx"}\n' }, layout.files)
    assert.same({}, trainers.layout(options_of "diffusers", body(), SDXL, "/task", photos).files)
  end)

  it("refuses what it cannot do", function()
    assert.is_nil(refusal("diffusers", SDXL, { image_dataset_items = { { caption = "x" } } }))
    assert.truthy(refusal("diffusers", SD15, { image_dataset_items = { { caption = "x" } } })
      :find "takes no captions")
    assert.truthy(refusal("diffusers", SD15, nil, { lora_alpha = 32 })
      :find "lora_alpha must be lora_r %(16%), got 32")
    assert.truthy(refusal("diffusers", SD15, nil, { lora_text_encoder_r = 4 })
      :find "lora_text_encoder_r must be lora_r %(16%), got 4")
    assert.is_nil(refusal("diffusers", SD15, nil, { lora_text_encoder_r = 4,
      train_text_encoder = false }))
  end)
end)

describe("the options of a trainer", function()
  it("name what is missing", function()
    assert.truthy(trainers.fault { trainer = { "peft" } }
      :find "the folder with the scripts of peft")
    assert.truthy(trainers.fault { trainer = { "kohya" }, trainer_scripts = "/nowhere" }
      :find "trainer_scripts: /nowhere/.*train_network.py is not there")
    assert.is_nil(trainers.fault { trainer = { "/opt/train" } })
  end)
end)

-- Instead of Python: trains if its script is train_dreambooth.py, converts if it is the other one.
local PYTHON <const> = [[#!/bin/sh
printf '%s\n' "$@" >>"$MODEL.seen"
case $1 in
  */train_dreambooth.py) printf 'Steps:  10%%|#  | 30/300 [00:01<00:09, 29.2it/s]\r' >&2
    touch out/other.safetensors ;;
  */convert_*) cp "$MODEL" out/model.safetensors ;;
esac
]]

it("a server with a trainer of a name trains with it, and refuses what that cannot do", function()
  local folder <close> = support.folder()
  local path = folder.path
  local data = program.prepare(path)
  cli.write(path .. "/python", PYTHON)
  assert(os.execute("chmod +x " .. path .. "/python"))
  for _, name in ipairs { "train_dreambooth.py", "convert_peft_sd_lora_to_kohya_ss.py" } do
    cli.write(path .. "/" .. name, "")
  end
  local options = { data = data, keys = { anna = "sk_anna" }, trainer = "peft",
    trainer_scripts = path, python = path .. "/python", environment = { MODEL = path .. "/model" },
    base_models = { ["v1-5-pruned-emaonly"] = { path = "/m", family = "sd15" } } }
  local server <close> = assert(servers.start(options))
  local client <close> = novita.client { api_key = "sk_anna", base_url = server.base_url,
    poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1000 } }
  local model = assert(client:train(program.params()):wait(60))
  assert.equal(fake.model, support.read(assert(model:save(path .. "/anna.safetensors"))))
  local seen = support.read(path .. "/model.seen")
  assert.truthy(seen:find("\n--instance_prompt\na photo of ohwx person\n", 1, true))
  assert.truthy(seen:find(("\n--instance_data_dir\n%s/tasks/[%%w-]+/images\n"):format(
    data:gsub("%p", "%%%0"))))
  local tall = program.params { width = 512, height = 768 }
  tall.size = nil
  local _, err = client:train(tall):wait(60)
  assert.same({ 400, "width and height must be the same for this trainer, got 512x768" },
    { err.status, err.message:match "width and height.*%d" })
  assert.equal(1, #server:trainings())
  options.trainer_scripts = nil
  local ok, message = pcall(servers.start, options)
  assert.is_false(ok)
  assert.matches("trainer_scripts must be the folder with the scripts of peft", message)
end)
