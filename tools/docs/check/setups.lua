--- The globals that a block of the docs may use: ```lua setup=client begins with `novita` and
-- `client`. A setup sets the block's globals; the docs run no other hidden code.
--
-- Every block runs in a folder with photos (`blocks.lua` creates it), against an emulator that
-- NOVITA_BASE_URL and NOVITA_API_KEY point to.

local setups = {}

local FORM <const> = { task_type = "subject", name = "ohwx-anna", images = "photos/anna",
  base_model = "v1-5-pruned-emaonly", size = 256, instance_prompt = "a photo of ohwx woman" }

--- novita.
function setups.novita(globals)
  globals.novita = require "novita"
end

--- A loop that knows only this.
function setups.after(globals)
  setups.novita(globals)
  function globals.after() end
end

--- An open client.
function setups.client(globals)
  setups.novita(globals)
  globals.client = globals.novita.client {}
end

--- A training under way, its form, names of people, and the form for one of them.
function setups.task(globals)
  setups.client(globals)
  local client = globals.client
  globals.form = FORM
  globals.task = client:train(FORM)
  globals.tasks = { globals.task }
  globals.names = { "anna", "ben" }
  function globals.form_of(name)
    local form = {}
    for key, value in pairs(FORM) do form[key] = value end
    form.name, form.images = "ohwx-" .. name, "people/" .. name
    return form
  end
end

--- A trained model.
function setups.model(globals)
  setups.task(globals)
  globals.model = assert(globals.task:wait(30))
end

--- The id of a training as the script's argument.
function setups.id(globals)
  setups.model(globals)
  globals.arg = { globals.task.task_id }
end

--- A photo's source, a set of them, and a face detector.
function setups.photos(globals)
  setups.novita(globals)
  globals.source = { path = "anna.jpg" }
  globals.photos = assert(globals.novita.dataset "photos/anna")
  function globals.my_detector()
    return { x = 400, y = 300, size = 200 }
  end
end

--- A batch that has run.
function setups.batch(globals)
  setups.client(globals)
  globals.batch = assert(globals.novita.batch { journal = os.tmpname(), client = globals.client,
    jobs = { FORM } })
  assert(globals.batch:run():wait())
end

--- A running emulator of the block's own.
function setups.service(globals)
  setups.client(globals)
  globals.service = assert(require("novita.emulator").start { speed = 100 })
end

return setups
