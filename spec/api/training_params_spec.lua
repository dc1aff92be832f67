local refusal = require "support.refusal"
local training_request = require "novita.forms.training_request"
local shared = require "support.training_forms"

local ranks = { "lora_r", "lora_alpha", "lora_text_encoder_r", "lora_text_encoder_alpha" }
local plan, refused = shared.plan, shared.refused

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
    { { class_prompt = "dog" }, 'class_prompt must be "person", the only class of the service '
      .. '(leave it out for an animal or a thing), got "dog"' },
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
      { base_model = "v1-5-pruned-emaonly.safetensors" },
      'base_model is "v1-5-pruned-emaonly.safetensors": not among the 17 values that the API '
        .. 'documents (did you mean "v1-5-pruned-emaonly"?)',
    },
    {
      { base_model = "SDXL" },
      'base_model is "SDXL": not among the 17 values that the API documents'
        .. ' (did you mean "stable-diffusion-xl-base-1.0"?)',
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
