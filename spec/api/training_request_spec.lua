local json = require "novita.json"
local refusal = require "support.refusal"
local training_request = require "novita.forms.training_request"
local shared = require "support.training_forms"

local form, plan, body, refused, style =
  shared.form, shared.plan, shared.body, shared.refused, shared.style

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
