local json = require "novita.json"
local refusal = require "support.refusal"
local training_request = require "novita.forms.training_request"

local ranks = { "lora_r", "lora_alpha", "lora_text_encoder_r", "lora_text_encoder_alpha" }

-- Valid params with changes; false removes a field.
local function form(changes)
  local written = {
    task_type = "subject",
    name = "ohwx-anna",
    images = { "a.jpg" },
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a close photo of ohwx woman",
  }
  for name, value in pairs(changes or {}) do
    if value == false and written[name] ~= nil then
      written[name] = nil
    else
      written[name] = value
    end
  end
  return written
end

local function plan(changes)
  return training_request.plan(form(changes))
end

local function body(changes)
  return plan(changes):body { "34558688e2f42a0137ca2d5274a8cf43" }
end

local function refused(changes)
  return refusal(training_request.plan, form(changes))
end

local function style(changes)
  changes.task_type = "style"
  if changes.instance_prompt == nil then
    changes.instance_prompt = false
  end
  return changes
end

describe("a subject training", function()
  it("becomes the body of the API's minimal example", function()
    local made = plan { name = "t1", instance_prompt = "a close photo of ohwx man" }
    assert.equal(
      '{"name":"t1","base_model":"v1-5-pruned-emaonly","width":512,"height":512,'
        .. '"image_dataset_items":[{"assets_id":"34558688e2f42a0137ca2d5274a8cf43"}],'
        .. '"expert_setting":{"instance_prompt":"a close photo of ohwx man",'
        .. '"class_prompt":"person"},"components":[{"name":"resize","args":['
        .. '{"name":"width","value":"512"},{"name":"height","value":"512"}]}]}',
      json.encode(made:body { "34558688e2f42a0137ca2d5274a8cf43" }, { order = made.definition })
    )
    assert.same({}, made.warnings)
  end)

  it("has every expert setting", function()
    local settings = {
      train_batch_size = 2,
      learning_rate = 1e-4,
      max_train_steps = 500,
      seed = 7,
      lr_scheduler = "cosine_with_restarts",
      lr_warmup_steps = 10,
      instance_prompt = "p",
      class_prompt = "person",
      with_prior_preservation = true,
      prior_loss_weight = 1,
      train_text_encoder = false,
      lora_r = 32,
      lora_alpha = 32,
      lora_text_encoder_r = 4,
      lora_text_encoder_alpha = 128,
    }
    assert.same(settings, body(settings).expert_setting)
  end)

  it("writes learning_rate as a decimal number", function()
    local made = plan { learning_rate = 1e-4 }
    local text = json.encode(made:body { "x" }, { order = made.definition })
    assert.truthy(text:find('"learning_rate":0.0001,', 1, true))
  end)

  it("accepts width and height instead of size", function()
    local made = body { size = false, width = 768.0, height = 512 }
    assert.equal("integer", math.type(made.width))
    assert.equal(768, made.width)
    assert.equal(512, made.height)
    assert.same({
      {
        name = "resize",
        args = { { name = "width", value = "768" }, { name = "height", value = "512" } },
      },
    }, made.components)
  end)

  it("neither changes nor keeps the params", function()
    local written = form {
      images = { { path = "a.jpg", caption = "one" } },
      seed = 3.0,
    }
    local made = training_request.plan(written)
    assert.is_nil(written.components)
    assert.is_nil(written.expert_setting)
    assert.equal("float", math.type(written.seed))
    written.images[1].caption, written.name, written.seed = "two", "x", 4
    local sent = made:body { "id" }
    assert.equal("one", sent.image_dataset_items[1].caption)
    assert.equal("ohwx-anna", sent.name)
    assert.equal(3, sent.expert_setting.seed)
  end)

  it("returns the fields that belong to the caller", function()
    local made = training_request.plan(form { timeout = 60 }, 1, { "timeout", "prepare" })
    assert.same({ timeout = 60 }, made.also)
  end)
end)

describe("training params are rejected:", function()
  local schedulers = '"constant", "linear", "cosine", "cosine_with_restarts", "polynomial" '
    .. 'or "constant_with_warmup"'
  local base_models = 'a string such as "stable-diffusion-xl-base-1.0", '
    .. '"dreamshaperXL09Alpha_alpha2Xl10_91562", '
    .. '"protovisionXLHighFidelity3D_release0630Bakedvae_154359", "v1-5-pruned-emaonly" '
    .. "(17 are documented)"
  local cases = {
    -- general
    { { task_type = false }, 'task_type is missing: it must be "subject" or "style"' },
    {
      { task_type = "Subject" },
      'task_type must be "subject" or "style", got "Subject" (did you mean "subject"?)',
    },
    { { name = false }, "name is missing: it must be a non-empty string" },
    { { name = "" }, 'name must be a non-empty string, got ""' },
    { { name = 5 }, "name must be a non-empty string, got 5" },
    {
      { name = "a\xFF" },
      "name must be a non-empty string, got invalid UTF-8 (byte 2 of 2)",
    },
    { { base_model = false }, "base_model is missing: it must be " .. base_models },
    { { base_model = "" }, "base_model must be " .. base_models .. ', got ""' },
    {
      { instance_promt = "x" },
      "instance_promt is not a field of a subject training: did you mean instance_prompt?",
    },
    -- size
    { { size = false }, "size is missing: give size, or width and height (integers >= 1)" },
    { { size = false, width = 512 }, "height is missing: it must be an integer >= 1" },
    { { size = false, width = 0, height = 512 }, "width must be an integer >= 1, got 0" },
    { { size = false, width = 512, height = 0 }, "height must be an integer >= 1, got 0" },
    { { size = 0 }, "size must be an integer >= 1, got 0" },
    { { size = 512.5 }, "size must be an integer >= 1, got 512.5" },
    { { size = "512" }, 'size must be an integer >= 1, got "512"' },
    { { size = true }, "size must be an integer >= 1, got true" },
    { { size = 0 / 0 }, "size must be an integer >= 1, got nan" },
    { { width = 512 }, "size and width set the same field: give one of them" },
    { { height = 512 }, "size and height set the same field: give one of them" },
    -- images
    { { images = false }, 'images is missing: give a folder ("photos/anna") or a list of photos' },
    { { images = {} }, "images must be a list of at least one photo, got an empty list" },
    {
      { images = "" },
      'images must be a folder ("photos/anna"), a list of paths, a list of'
        .. ' { path =, caption = }, or a novita.dataset, got ""',
    },
    {
      { images = 5 },
      'images must be a folder ("photos/anna"), a list of paths, a list of {'
        .. " path =, caption = }, or a novita.dataset, got 5",
    },
    {
      { images = { "a.jpg", 5 } },
      "images[2] must be a path or a table { path =, caption = }, got 5",
    },
    {
      { images = { path = "a.jpg" } },
      "images must be a list, got a table with keys other than 1 to n",
    },
    { { images = { "a.jpg", {} } }, "images[2] has no photo: give one of path, bytes, assets_id" },
    {
      { images = { { path = "a.jpg", bytes = "x" } } },
      "images[1] has both path and bytes: give one of them",
    },
    { { images = { "" } }, 'images[1].path must be a non-empty string, got ""' },
    {
      { images = { { path = "a", captoin = "x" } } },
      "images[1].captoin is not a field of a photo: did you mean images[1].caption?",
    },
    {
      { images = { "a", "b", { path = "c", caption = "" } } },
      'images[3].caption must be a string of 1 to 1024 characters, got ""',
    },
    {
      { images = { { path = "c", caption = ("ü"):rep(1025) } } },
      "images[1].caption must be a string of 1 to 1024 characters, got 1025 characters",
    },
    {
      { images = false, image_dataset_items = { { assets_id = "a", caption = "" } } },
      'image_dataset_items[1].caption must be a string of 1 to 1024 characters, got ""',
    },
    {
      { image_dataset_items = { "a.jpg" } },
      "images and image_dataset_items set the same field: give one of them",
    },
    {
      { images = { { assets_id = "" } } },
      'images[1].assets_id must be a non-empty string, got ""',
    },
    {
      { captions = "blip" },
      'captions must be "files", a table of captions by file name, or a list of '
        .. 'one for each photo, got "blip"',
    },
    -- expert settings
    {
      { instance_prompt = false },
      "instance_prompt is missing: it must be a non-empty string",
    },
    {
      { instance_prompt = "" },
      'instance_prompt must be a non-empty string, got ""',
    },
    { { class_prompt = "dog" }, 'class_prompt must be "person", got "dog"' },
    { { class_prompt = "" }, 'class_prompt must be "person", got ""' },
    { { train_batch_size = 0 }, "train_batch_size must be an integer from 1 to 4, got 0" },
    { { train_batch_size = 5 }, "train_batch_size must be an integer from 1 to 4, got 5" },
    { { train_batch_size = 5 }, "train_batch_size must be an integer from 1 to 4, got 5" },
    { { max_train_steps = 0 }, "max_train_steps must be an integer >= 1, got 0" },
    { { max_train_steps = "many" }, 'max_train_steps must be an integer >= 1, got "many"' },
    { { max_train_steps = 1.5 }, "max_train_steps must be an integer >= 1, got 1.5" },
    { { seed = 0 }, "seed must be an integer >= 1, got 0" },
    { { lr_warmup_steps = -1 }, "lr_warmup_steps must be an integer >= 0, got -1" },
    {
      { lr_scheduler = "cosin" },
      'lr_scheduler must be ' .. schedulers .. ', got "cosin" (did you mean "cosine"?)',
    },
    { { learning_rate = 0 }, "learning_rate must be a number > 0, got 0" },
    { { learning_rate = "1e-4" }, 'learning_rate must be a number > 0, got "1e-4"' },
    { { prior_loss_weight = 0 }, "prior_loss_weight must be a number > 0, got 0" },
    { { with_prior_preservation = 1 }, "with_prior_preservation must be true or false, got 1" },
    { { train_text_encoder = "yes" }, 'train_text_encoder must be true or false, got "yes"' },
    {
      { expert_setting = { seed = 1 } },
      "expert_setting is not a param: give its fields without a table around them",
    },
    -- components
    { { face_crop = 0 }, "face_crop must be a number > 0, got 0" },
    { { face_restore = "gfpgan" }, 'face_restore must be true or false, got "gfpgan"' },
    {
      { components = {} },
      "components is an empty list: leave it out to get a resize to the size",
    },
    {
      { components = { { args = {} } } },
      'components[1].name is missing: it must be a string such as "face_crop_region", "resize",'
        .. ' "face_restore"',
    },
    {
      { components = { { name = "resize", args = { { name = "width" } } } } },
      "components[1].args[1].value is missing: it must be a string",
    },
    {
      { components = { { name = "resize", args = { { name = "width", value = true } } } } },
      "components[1].args[1].value must be a string, got true",
    },
    {
      { components = { { name = "resize", arg = {} } } },
      "components[1].arg is not a field of a component: did you mean components[1].args?",
    },
    {
      { components = { { name = "resize", args = { { value = "1" } } } } },
      "components[1].args[1].name is missing: it must be a non-empty string",
    },
    {
      { components = { { name = "resize", args = { { name = "", value = "1" } } } } },
      'components[1].args[1].name must be a non-empty string, got ""',
    },
    {
      { face_crop = 1.4, components = { { name = "x" } } },
      "face_crop and components are given: give one of them",
    },
    {
      { face_restore = true, components = { { name = "x" } } },
      "face_restore and components are given: give one of them",
    },
  }
  for _, field in ipairs(ranks) do
    cases[#cases + 1] = { { [field] = 3 }, field .. " must be an integer from 4 to 128, got 3" }
    cases[#cases + 1] = { { [field] = 129 }, field .. " must be an integer from 4 to 128, got 129" }
  end
  for _, case in ipairs(cases) do
    it(case[2], function()
      assert.equal(case[2], refused(case[1]))
    end)
  end

  it("a value that is not a table", function()
    assert.equal("a training must be a table of fields, got nil", refusal(training_request.plan))
    assert.equal(
      'a training must be a table of fields, got "x"',
      refusal(training_request.plan, "x")
    )
  end)

  it("51 photos", function()
    local images = {}
    for index = 1, 51 do
      images[index] = index .. ".jpg"
    end
    assert.equal("images has 51 photos: a training takes 1 to 50", refused { images = images })
  end)

  it("at the line of the caller's caller, if a library asks for that", function()
    local function train(written)
      local made = training_request.plan(written, 2)
      return made
    end
    local line = debug.getinfo(1, "l").currentline + 2
    local _, message = pcall(function()
      local made = train { task_type = "subject" }
      return made
    end)
    assert.truthy(message:find(("_spec.lua:%d: size is missing"):format(line), 1, true))
  end)
end)

describe("training params are accepted:", function()
  local cases = {
    { "name", "n" },
    { "size", 1 },
    { "train_batch_size", 1 },
    { "train_batch_size", 4 },
    { "max_train_steps", 1 },
    { "seed", 1 },
    { "seed", math.maxinteger },
    { "lr_warmup_steps", 0 },
    { "prior_loss_weight", 1e-9 },
    { "learning_rate", 1e-4 },
    { "learning_rate", 1e-5 },
    { "learning_rate", 1e-6 },
    { "learning_rate", 2e-4 },
    { "learning_rate", 5e-5 },
  }
  for _, name in ipairs(ranks) do
    cases[#cases + 1] = { name, 4 }
    cases[#cases + 1] = { name, 128 }
  end
  for _, scheduler in ipairs {
    "constant",
    "linear",
    "cosine",
    "cosine_with_restarts",
    "polynomial",
    "constant_with_warmup",
  } do
    cases[#cases + 1] = { "lr_scheduler", scheduler }
  end
  for _, case in ipairs(cases) do
    local name, value = case[1], case[2]
    it(("%s = %s"):format(name, value), function()
      local made = plan { [name] = value }
      local sent = made:body { "id" }
      local width = name == "size" and sent.width
      assert.equal(value, width or sent[name] or sent.expert_setting[name])
      assert.same({}, made.warnings)
    end)
  end

  it("all 17 base models without a warning", function()
    local names = require "novita.fields.base_models"
    assert.equal(17, #names)
    for _, name in ipairs(names) do
      assert.same({}, plan({ base_model = name }).warnings)
    end
  end)

  it("50 photos with captions of 1 and 1024 characters", function()
    local images, ids = {}, {}
    for index = 1, 50 do
      images[index] = { path = index .. ".jpg", caption = ("ü"):rep(index == 50 and 1024 or 1) }
      ids[index] = ("id%d"):format(index)
    end
    local items = plan({ images = images }):body(ids).image_dataset_items
    assert.equal(50, #items)
    assert.same({ assets_id = "id50", caption = ("ü"):rep(1024) }, items[50])
  end)
end)

describe("training params cause a warning:", function()
  local cases = {
    {
      { base_model = "flux-1" },
      'base_model is "flux-1": not among the 17 values that the API documents',
    },
    {
      { base_model = "v1-5-pruned-emaony" },
      'base_model is "v1-5-pruned-emaony": not among the 17 values that the API documents'
        .. ' (did you mean "v1-5-pruned-emaonly"?)',
    },
    {
      { learning_rate = 3e-4 },
      "learning_rate is 0.0003: not among the 5 values that the API documents",
    },
    {
      { components = { { name = "deblur" } } },
      'components[1].name is "deblur": not among the 3 values that the API documents',
    },
    {
      {
        components = {
          {
            name = "resize",
            args = { { name = "width", value = 768 }, { name = "height", value = "768" } },
          },
        },
      },
      "components resizes to 768 x 768, but the training is 512 x 512",
    },
  }
  for _, case in ipairs(cases) do
    it(case[2], function()
      local made = plan(case[1])
      assert.same({ case[2] }, made.warnings)
      assert.is_table(made:body { "id" })
    end)
  end
end)

describe("the body of a training, checked by itself", function()
  local definition = require "novita.fields.subject_training"
  local schema = require "novita.schema.schema"

  local function check(changes)
    local params = body()
    for name, value in pairs(changes) do
      params[name] = value or nil
    end
    local _, warnings = schema.check(definition, params)
    return warnings
  end

  local function items(count)
    local list = {}
    for index = 1, count do
      list[index] = { assets_id = "a" }
    end
    return list
  end

  local fifty = "a list of 1 to 50 entries"
  local cases = {
    {
      { image_dataset_items = { { assets_id = "a" }, { assets_id = "b", caption = "" } } },
      'image_dataset_items[2].caption must be a string of 1 to 1024 characters, got ""',
    },
    {
      { image_dataset_items = { { caption = "c" } } },
      "image_dataset_items[1].assets_id is missing: it must be a non-empty string",
    },
    {
      { image_dataset_items = { { assets_id = "" } } },
      'image_dataset_items[1].assets_id must be a non-empty string, got ""',
    },
    { { image_dataset_items = items(0) },
      "image_dataset_items must be " .. fifty .. ", got 0 entries" },
    { { image_dataset_items = items(51) },
      "image_dataset_items must be " .. fifty .. ", got 51 entries" },
    { { image_dataset_items = false }, "image_dataset_items is missing: it must be " .. fifty },
    { { components = false }, "components is missing: it must be a list of at least 1 entry" },
    { { components = {} }, "components must be a list of at least 1 entry, got 0 entries" },
    {
      { expert_setting = false },
      "expert_setting is missing: it must be a table with the fields train_batch_size,"
        .. " learning_rate, max_train_steps, seed, lr_scheduler, lr_warmup_steps,"
        .. " instance_prompt, class_prompt, with_prior_preservation, prior_loss_weight,"
        .. " train_text_encoder, lora_r, lora_alpha, lora_text_encoder_r,"
        .. " lora_text_encoder_alpha",
    },
    { { width = 0 }, "width must be an integer >= 1, got 0" },
    { { height = 0 }, "height must be an integer >= 1, got 0" },
  }
  for _, case in ipairs(cases) do
    it("is refused: " .. case[2], function()
      assert.equal(case[2], refusal(check, case[1]))
    end)
  end

  it("is accepted at its limits", function()
    assert.same({}, check { image_dataset_items = items(1) })
    assert.same({}, check { image_dataset_items = items(50) })
    assert.same({}, check { width = 1, height = 1 })
    assert.equal(1, #check { base_model = "m" })
    local one = { { name = "x", args = { { name = "y", value = "" } } } }
    assert.equal(1, #check { components = one })
  end)
end)

describe("components", function()
  local function resize(width, height)
    local args = { { name = "width", value = width }, { name = "height", value = height } }
    return { { name = "face_restore" }, { name = "resize", args = args } }
  end

  it("cause a warning if either side differs from the training's", function()
    for _, wrong in ipairs { resize(512, 768), resize(768, 512), { { name = "resize" } } } do
      assert.equal(1, #plan({ components = wrong }).warnings)
    end
    assert.same({}, plan({ components = resize("512", 512) }).warnings)
    assert.same({}, plan({ components = { { name = "face_restore" } } }).warnings)
  end)

  it("are made from face_crop, the size and face_restore, in this order", function()
    assert.same({
      { name = "face_crop_region", args = { { name = "ratio", value = "1.4" } } },
      {
        name = "resize",
        args = { { name = "width", value = "512" }, { name = "height", value = "512" } },
      },
      {
        name = "face_restore",
        args = {
          { name = "method", value = "gfpgan_1.4" },
          { name = "upscale", value = "1.0" },
        },
      },
    }, body({ face_crop = 1.4, face_restore = true }).components)
  end)

  it("have no face_restore if it is false", function()
    assert.equal(1, #body({ face_restore = false }).components)
  end)

  it("are sent as given, with numbers as strings", function()
    local given = {
      { name = "face_crop_region", args = { { name = "ratio", value = 1.4 } } },
      {
        name = "resize",
        args = { { name = "width", value = 512.0 }, { name = "height", value = "512" } },
      },
    }
    local sent = body({ components = given }).components
    assert.equal("1.4", sent[1].args[1].value)
    assert.equal("512", sent[2].args[1].value)
    assert.equal("512", sent[2].args[2].value)
    assert.equal(2, #sent)
  end)
end)

describe("a style training", function()
  it("needs no prompts and sends none", function()
    local made = plan(style { images = { { path = "a", caption = "c" } } })
    assert.equal(
      '{"name":"ohwx-anna","base_model":"v1-5-pruned-emaonly","width":512,"height":512,'
        .. '"image_dataset_items":[{"assets_id":"id","caption":"c"}],"components":['
        .. '{"name":"resize","args":[{"name":"width","value":"512"},'
        .. '{"name":"height","value":"512"}]}]}',
      json.encode(made:body { "id" }, { order = made.definition })
    )
  end)

  it("may have prompts and the fields that the official client sends", function()
    local made = plan(style {
      instance_prompt = "p",
      class_prompt = "person",
      with_prior_preservation = true,
      lora_r = 32,
    })
    local sent = made:body({ "id" }).expert_setting
    assert.equal("p", sent.instance_prompt)
    assert.equal(32, sent.lora_r)
    assert.same({}, made.warnings)
  end)

  it("causes a warning for train_text_encoder, which its page does not have", function()
    assert.same(
      { "train_text_encoder is not documented for this request: the service may ignore it" },
      plan(style { train_text_encoder = true }).warnings
    )
  end)

  it("is checked as a subject training is", function()
    assert.equal(
      "train_batch_size must be an integer from 1 to 4, got 5",
      refused(style { train_batch_size = 5 })
    )
    assert.equal(
      "widht is not a field of a style training: did you mean width?",
      refused(style { widht = 5 })
    )
  end)
end)

describe("plan:body", function()
  it("keeps the order of the photos and uses the ids that items have", function()
    local made = plan {
      images = { "a.jpg", { assets_id = 100024.0, caption = "two" }, { bytes = "\xFF\xD8" } },
    }
    assert.same(
      { { assets_id = "A" }, { assets_id = "100024", caption = "two" }, { assets_id = "C" } },
      made:body({ "A", false, "C" }).image_dataset_items
    )
  end)

  it("uses captions of items from another source", function()
    local made = plan { images = "photos/anna" }
    local items = { { path = "a.jpg", caption = "one" }, { path = "b.jpg" } }
    assert.same(
      { { assets_id = "A", caption = "one" }, { assets_id = "B" } },
      made:body({ "A", "B" }, items).image_dataset_items
    )
  end)

  it("makes a new table each time", function()
    local made = plan()
    made:body({ "A" }).expert_setting.class_prompt = "changed"
    assert.equal("person", made:body({ "A" }).expert_setting.class_prompt)
  end)

  it("rejects ids that are missing, too many or not strings", function()
    local made = plan { images = { "a", "b" } }
    assert.equal(
      "asset_ids[2] is missing: there are 2 photos",
      refusal(made.body, made, { "A" })
    )
    assert.equal(
      "asset_ids has 3 entries for 2 photos",
      refusal(made.body, made, { "A", "B", "C" })
    )
    assert.equal(
      "image_dataset_items[2].assets_id must be a non-empty string, got 5",
      refusal(made.body, made, { "A", 5 })
    )
  end)

  it("requires a folder to be resolved first", function()
    local made = plan { images = "photos/anna" }
    assert.equal(
      "the photos are not known yet: call plan:resolve() first",
      refusal(made.body, made, { "A" })
    )
  end)
end)

describe("plan:resolve", function()
  local folder

  local function write(name, contents)
    local file = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(contents)
    file:close()
  end

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(require("lfs").mkdir(folder))
  end)

  after_each(function()
    os.execute("rm -rf " .. folder)
  end)

  it("finds the photos and their captions", function()
    write("2.jpg", "x")
    write("10.png", "x")
    write("2.txt", "second\n")
    write("notes.md", "x")
    local made = plan { images = folder, captions = "files" }
    assert.equal(2, #assert(made:resolve()))
    assert.equal(folder .. "/notes.md", made.skipped[1].path)
    assert.is_nil(made.skipped[2])
    assert.same(
      { { assets_id = "A", caption = "second" }, { assets_id = "B" } },
      made:body({ "A", "B" }).image_dataset_items
    )
    assert.same({}, made.warnings)
  end)

  it("gives the error of a folder that is missing", function()
    local made = plan { images = folder .. "/none" }
    local items, err = made:resolve()
    assert.is_nil(items)
    assert.equal("file", err.kind)
    assert.equal(folder .. "/none is missing: there is no such folder", err.message)
  end)

  it("warns about photos of a style that have no caption", function()
    write("1.jpg", "x")
    write("2.jpg", "x")
    write("2.txt", "second")
    local made = plan(style { images = folder, captions = "files" })
    assert(made:resolve())
    assert.same(
      { "1 of 2 photos have no caption: the API documentation requires one for each photo" },
      made.warnings
    )
    write("1.txt", "first")
    made = plan(style { images = folder, captions = "files" })
    assert(made:resolve())
    assert.same({}, made.warnings)
  end)
end)
