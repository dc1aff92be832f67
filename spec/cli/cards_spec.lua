-- A card beside each model says how it was made: the same job can be planned again, and the file be
-- checked. And all models of an account can be downloaded.

local card_of = require "novita.batch.models.card"
local cards = require "novita.cards"
local cli = require "support.cli"
local emulator = require "novita.emulator"
local fixtures = require "support.fixtures"
local json = require "novita.json"
local lfs = require "lfs"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

-- The only file of a folder with this ending.
local function file_in(folder, ending)
  for name in lfs.dir(folder) do
    if name:sub(-#ending) == ending then
      return folder .. "/" .. name
    end
  end
end

describe("the card of a model", function()
  local service, folder, env, models, card

  setup(function()
    service = assert(emulator.start { speed = 500, slots = 20, model_bytes = 50000 })
    folder, env = cli.folder(), cli.env(service)
    cli.photos(folder .. "/anna", 2)
    cli.write(folder .. "/anna/wide.jpg", fixtures.photo())
    cli.write(folder .. "/anna/wide.txt", "ohwx woman, smiling")
    models = folder .. "/models"
    local done = cli.run({ "train", folder .. "/anna", "--prompt", "a photo of ohwx woman",
      "--steps", "300", "--captions", "files", "--set", "lora_r=16", "--models", models }, env)
    assert.equal(0, done.status, done.err)
    has(done.out, "model: " .. file_in(models, ".safetensors"))
    card = file_in(models, ".json")
  end)

  teardown(function()
    service:stop()
    cli.remove(folder)
  end)

  local function last_request()
    local tasks = service:ledger().tasks
    return tasks[#tasks].request, #tasks
  end

  it("has all fields as sent, the photos with their boxes, and no secret", function()
    local text, sent = read(card), last_request()
    local made = assert(cards.read(card))
    assert.same(sent, made.request)
    assert.same({ "anna", "subject", 50000, service.base_url },
      { made.name, made.task_type, made.bytes, made.service })
    assert.equal(3, #made.photos)
    for i, photo in ipairs(made.photos) do
      assert.equal(sent.image_dataset_items[i].assets_id, photo.assets_id)
      assert.matches("^%x+$", photo.sha256)
      assert.is_true(photo.crop.width > 0)
      assert.equal(folder .. "/anna/" .. photo.name, photo.path)
    end
    assert.is_true(made.times.submitted_at <= made.times.ended_at)
    for _, secret in ipairs { service.api_key, "X-Amz-", "Signature", "Bearer" } do
      assert.is_nil(text:find(secret, 1, true), secret)
    end
  end)

  it("has the price, if a run with a budget has seen it", function()
    local made = card_of.of({ name = "anna", params = {} }, { path = "/m/anna.safetensors" },
      { body = {} }, {}, { price = { units = 12500, uncertain = 1 } })
    assert.same({ usd = 1.25, uncertain_usd = 0.0001 }, made.price)
  end)

  it("plans the same job again, with the photos elsewhere, at another service", function()
    local before, count = last_request()
    os.rename(folder .. "/anna", folder .. "/moved")
    local journal = folder .. "/again.db"
    local missing = cli.run({ "reproduce", card, "--journal", journal }, env)
    assert.equal(1, missing.status)
    has(missing.err, "name the folder in which the photos are now")
    local done = cli.run({ "reproduce", card, folder .. "/moved", "--journal", journal }, env)
    assert.equal(0, done.status, done.err)
    has(done.out, "photos: 3 of 3 are those of the card")
    assert.equal(count, select(2, last_request()))
    local resumed = cli.run({ "resume", journal }, env)
    assert.equal(0, resumed.status, resumed.err)
    local after = last_request()
    for i, item in ipairs(before.image_dataset_items) do
      item.assets_id, after.image_dataset_items[i].assets_id = nil, nil
    end
    before.name, after.name = nil, nil
    assert.same(before, after)
    cli.write(folder .. "/moved/wide.jpg", read(folder .. "/moved/photo1.png"))
    local other = cli.run({ "reproduce", card, folder .. "/moved", "--journal", folder .. "/o.db",
      "--json" }, env)
    assert.equal(1, other.status)
    assert.same({ "wide.jpg" }, other.json and other.json.other_photos, other.err)
  end)

  it("shows which files are not those that were kept", function()
    local file = file_in(models, ".safetensors")
    cli.write(models .. "/bare.safetensors", "x")
    cli.write(models .. "/package.json", '{"name":"other","card":"no"}')
    local done = cli.run { "verify", models }
    assert.equal(0, done.status, done.err)
    has(done.out, "2 models: 1 as the card says, 0 not, 1 without a card")
    local bytes = read(file)
    cli.write(file, bytes:sub(1, -2) .. "x")
    done = cli.run { "verify", models, "--json" }
    assert.equal(1, done.status)
    local states = {}
    for _, model in ipairs(done.json.models) do states[model.state] = model.file end
    assert.same({ other = file:match "[^/]*$", no_card = "bare.safetensors" }, states)
    os.remove(file)
    has(cli.run({ "verify", models }).out, "missing    " .. file:match "[^/]*$")
    cli.write(file, bytes)
    assert.equal(2, cli.run({ "verify", folder .. "/none" }).status)
  end)

  it("is refused if it is no card, or leads out of its folder", function()
    local good = json.decode(read(card))
    for _, change in ipairs {
      { file = "../../etc/passwd" }, { card = 2 }, { card = "1" }, { request = "x" },
      { photos = 7 }, { photos = { 7 } }, { photos = { { name = "../x.jpg" } } },
      { photos = { { path = 7 } } }, { request = { expert_setting = 7 } }, { task_type = "image" },
      { sha256 = false },
    } do
      local made = {}
      for name, value in pairs(good) do made[name] = value end
      for name, value in pairs(change) do made[name] = value end
      local path = folder .. "/bad.json"
      cli.write(path, json.encode(made))
      local none, err = cards.read(path)
      assert.is_nil(none)
      assert.equal("file", err.kind)
      assert.equal(1, cli.run({ "reproduce", path }).status)
    end
    cli.write(folder .. "/bad.json", "[1")
    assert.is_nil((cards.read(folder .. "/bad.json")))
  end)

  it("is not needed to download all models, each once", function()
    local function requests() return service:ledger().routes["model-file"].requests end
    local before = requests()
    local done = cli.run({ "models", "--download-all", models }, env)
    assert.equal(0, done.status, done.err)
    has(done.out, "is here " .. models)
    has(done.out, " in " .. models)
    assert.equal(before + 1, requests())
    service:configure { model_links = false }
    done = cli.run({ "models", "--download-all", folder .. "/all" }, env)
    assert.equal(1, done.status)
    has(done.err, "the service gives no link to the file of")
    assert.equal(2, cli.run({ "models", "--download-all", models, "--public" }, env).status)
  end)
end)
