local emulator = require "novita.emulator"
local helper = require "support.emulator"
local lfs = require "lfs"
local novita = require "novita"
local refusal = require "support.refusal"
local training_request = require "novita.forms.training_request"

local function form(changes)
  local written = {
    task_type = "subject", name = "t", images = { "a.jpg", "b.jpg" }, size = 512,
    base_model = "v1-5-pruned-emaonly",
  }
  for name, value in pairs(changes) do written[name] = value end
  return written
end

local function body(changes, count)
  local made, ids, items = training_request.plan(form(changes)), {}, {}
  for i = 1, count or 2 do ids[i], items[i] = "id" .. i, {} end
  return made:body(ids, items), made
end

describe("the preset for a face", function()
  it("is what Novita's playground sends", function()
    local made, plan = body({ preset = "face" }, 6)
    assert.same({
      instance_prompt = "a closeup photo of ohwx person", class_prompt = "person",
      learning_rate = 3e-4, lr_scheduler = "cosine_with_restarts", with_prior_preservation = true,
      prior_loss_weight = 1.0, lora_r = 32, lora_alpha = 32, lora_text_encoder_r = 32,
      lora_text_encoder_alpha = 32, max_train_steps = 1200,
    }, made.expert_setting)
    assert.same({
      { name = "face_crop_region", args = { { name = "ratio", value = "1.4" } } },
      { name = "resize", args = { { name = "width", value = "512" },
        { name = "height", value = "512" } } },
      { name = "face_restore", args = { { name = "method", value = "gfpgan_1.4" },
        { name = "upscale", value = "1.0" } } },
    }, made.components)
    assert.same({}, plan.warnings)
    assert.is_true(plan.face_crop)
  end)

  it("is overridden by the params", function()
    local made, plan = body { preset = "face", max_train_steps = 500, lora_r = 8, face_crop = 2,
      face_restore = false, instance_prompt = "a photo of ohwx man", learning_rate = 1e-4 }
    assert.equal(500, made.expert_setting.max_train_steps)
    assert.equal(8, made.expert_setting.lora_r)
    assert.equal(32, made.expert_setting.lora_alpha)
    assert.equal(1e-4, made.expert_setting.learning_rate)
    assert.equal("a photo of ohwx man", made.expert_setting.instance_prompt)
    assert.equal("2", made.components[1].args[1].value)
    assert.equal(2, #made.components)
    assert.same({}, plan.warnings)
  end)

  it("is overridden by nested settings and components in the params", function()
    local own = { { name = "resize", args = { { name = "width", value = "512" },
      { name = "height", value = "512" } } } }
    local made, plan = body { preset = "face", components = own,
      max_train_steps = 7, lora_alpha = 16 }
    assert.same(own, made.components)
    assert.equal(7, made.expert_setting.max_train_steps)
    assert.equal(16, made.expert_setting.lora_alpha)
    assert.is_false(plan.face_crop)
  end)

  it("still warns about a learning rate in the params", function()
    local _, plan = body { preset = "face", learning_rate = 5e-4 }
    assert.equal(1, #plan.warnings)
    assert.matches("learning_rate", plan.warnings[1])
  end)

  it("is rejected for a style", function()
    assert.equal('preset "face" is for a subject training, but task_type is "style"',
      refusal(training_request.plan, form { preset = "face", task_type = "style" }))
    assert.equal('preset must be "face" or "style", got "faces" (did you mean "face"?)',
      refusal(training_request.plan, form { preset = "faces" }))
  end)
end)

describe("the preset for a style", function()
  it("has its learning rate, steps by photo count, and captions from files", function()
    local made, plan = body({ task_type = "style", preset = "style" }, 30)
    assert.same({ learning_rate = 1e-4, max_train_steps = 2000 }, made.expert_setting)
    assert.equal("files", plan.captions)
    assert.is_false(plan.face_crop)
  end)
end)

describe("max_train_steps = auto", function()
  for count, steps in pairs { [1] = 200, [9] = 1800, [10] = 2000, [50] = 2000 } do
    it(("is %d for %d photos"):format(steps, count), function()
      local made = body({ max_train_steps = "auto", instance_prompt = "p" }, count)
      assert.equal(steps, made.expert_setting.max_train_steps)
    end)
  end
end)

describe("captions", function()
  local folder

  local function write(name, text)
    local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(text)
  end

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    for _, name in ipairs { "1.jpg", "2.jpg", "10.png" } do write(name, "x") end
    write("2.txt", "from a file")
  end)

  after_each(function() os.execute("rm -rf " .. folder) end)

  local function resolved(options, images)
    local found, err = novita.dataset(images or folder, options)
    if not found then return nil, err end
    local texts = {}
    for i, item in ipairs(found) do texts[i] = item.caption or "-" end
    return table.concat(texts, "|")
  end

  for name, case in pairs {
    ["one for all"] = { { caption = "all" }, "all|all|all" },
    ["from files, and one for the rest"] = { { captions = "files", caption = "rest" },
      "rest|from a file|rest" },
    ["by name, with and without the ending"] = { { captions = { ["1.jpg"] = "a", ["10"] = "c" } },
      "a|-|c" },
    ["in order"] = { { captions = { "a", "b", "c" } }, "a|b|c" },
  } do
    it("come " .. name, function()
      assert.equal(case[2], assert(resolved(case[1])))
    end)
  end

  it("of a photo itself take precedence, and paths are names too", function()
    local first, second = folder .. "/1.jpg", folder .. "/2.jpg"
    assert.equal("own|b", assert(resolved({ captions = { [first] = "a", [second] = "b" } },
      { { path = first, caption = "own" }, second })))
  end)

  it("that match no photo are an error, because a mistyped name would waste a training", function()
    local none, err = resolved { captions = { ["3.jpg"] = "a" } }
    assert.is_nil(none)
    assert.equal("caption", err.code)
    assert.equal('captions["3.jpg"] matches none of the 3 photos', err.message)
    err = select(2, resolved { captions = { "a", "b" } })
    assert.equal("captions must have one entry for each photo: it has 2 for 3 photos", err.message)
  end)

  for text, options in pairs {
    ['captions["1.jpg"] must be a string of 1 to 1024 characters, got 1025 characters'] =
      { captions = { ["1.jpg"] = ("ü"):rep(1025) } },
    ['captions[2] must be a string of 1 to 1024 characters, got ""'] = { captions = { "a", "" } },
    ['caption must be a string of 1 to 1024 characters, got ""'] = { caption = "" },
    ['captions must be "files", a table of captions by file name, or a list of one for each photo, '
      .. "got an empty table"] = { captions = {} },
    ['captions must be "files", a table of captions by file name, or a list of one for each photo, '
      .. "got a table with keys other than 1 to n"] = { captions = { "a", [3] = "c" } },
  } do
    it("are refused: " .. text:sub(1, 60), function()
      assert.equal(text, refusal(novita.dataset, folder, options))
    end)
  end
end)

it("a training with a preset and captions from a table arrives as intended", function()
  local service <close> = assert(emulator.start { speed = 50, strict = true })
  local client <close> = service:client()
  local images = {}
  for i = 1, 2 do images[i] = { bytes = helper.photo(i) } end
  local task = assert(client:train { task_type = "style", preset = "style", name = "s", size = 64,
    base_model = "v1-5-pruned-emaonly", images = images, captions = { "one", "two" } })
  local model = assert(task:wait(20))
  assert.matches("%.safetensors$", model.model_name)
  local sent = service:ledger().tasks[1].request
  assert.equal("one", sent.image_dataset_items[1].caption)
  assert.equal("two", sent.image_dataset_items[2].caption)
  assert.equal(400, sent.expert_setting.max_train_steps)
end)
