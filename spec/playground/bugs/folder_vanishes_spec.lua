--- A playground whose folders had vanished, or could not be written, ended the watch of a training
-- that was paid for, paid for images and then forgot them, and responded to each page with 500.

local helper = require "support.emulator"
local lfs = require "lfs"
local page_of = require "support.playground.page"
local support = require "support.client"

local ORDER <const> = { model_name = "realisticVisionV51_v51VAE_94301.safetensors", width = 128,
  height = 128, prompt = "a photo of ohwx cup", image_num = 1, steps = 20, guidance_scale = 7.5,
  sampler_name = "Euler a" }

local function order(id)
  local all = { order = id }
  for name, value in pairs(ORDER) do all[name] = value end
  return all
end

-- Renames the folders of trainings, images and models.
local function move(from, to)
  for _, name in ipairs { "trainings", "images", "models" } do
    assert(os.rename(("%s/%s"):format(from, name), ("%s/%s"):format(to, name)))
  end
end

local function paid(service)
  local ledger = service:ledger()
  return { #ledger.tasks, #ledger.image_tasks }
end

local function has_text(list, text)
  for _, one in ipairs(list) do
    if one:find(text, 1, true) then return true end
  end
  return false
end

it("a playground whose folders vanish pays for nothing that it would forget", function()
  local folder <close> = support.folder()
  local service <close> = support.service { speed = 100, balance = 1000000 }
  local play, away = folder.path .. "/play", folder.path .. "/away"
  assert(lfs.mkdir(away))
  do
    local page <close> = page_of.start(service, { folder = play })
    page:wait(function(state) return state.session.status == "ready" end)
    local photo = folder.path .. "/1.png"
    helper.write(photo, helper.photo(1))
    assert.equal(200, page:photo("photo.png", photo).status)
    page:post("settings", { name = "anna", size = 128, kind = "subject",
      instance_prompt = "a photo of ohwx cup" })
    page:wait(function(state) return not state.setup.checking end)
    service:fault { kind = "delay", delay = 1, route = "create", times = 1 }
    service:fault { kind = "delay", delay = 1, route = "txt2img", times = 1 }
    assert.equal(200, page:post("train").status)
    assert.equal(200, page:post("generate", order "0123456789abcdef").status)
    page:wait(function(state) return state.trainings.ours[1].stage == "submitting" end)
    move(play, away)

    -- what is paid for is watched to its end
    local state = page:wait(function(state)
      return not state.trainings.ours[1].active and state.gallery.orders[1].state ~= "generating"
    end)
    assert.equal("serving", state.trainings.ours[1].stage)
    assert.equal("interrupted", state.gallery.orders[1].state)
    assert.matches("^The images could not be kept: ", state.gallery.orders[1].error.message)
    assert.is_true(has_text(state.session.warnings, "training.json"))

    -- and nothing more is paid for
    page:post("settings", { name = "another" })
    for _, response in ipairs { page:post("train"),
      page:post("generate", order "0123456789abcde0") } do
      assert.equal(422, response.status)
      assert.matches("No such file or directory", response.json.error.message)
    end
    state = page:state()
    assert.same({ 1, 1 }, { #state.trainings.ours, #state.gallery.orders })
    assert.same({ 1, 1 }, paid(service))
    move(away, play)
  end

  -- the next start has both
  local page <close> = page_of.start(service, { folder = play })
  local state = page:wait(function(state)
    local order_of_images = state.gallery.orders[1]
    return state.session.status == "ready" and order_of_images.state == "done"
  end)
  assert.equal(1, #state.gallery.orders[1].images)
  page:post("continue_training", { id = state.trainings.ours[1].id })
  page:wait(function(now) return now.trainings.ours[1].stage == "serving" end)
  assert.same({ 1, 1 }, paid(service))
end)
