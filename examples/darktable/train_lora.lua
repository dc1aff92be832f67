-- An export target of darktable (4.2 or newer, with Lua 5.4) that trains a LoRA. It costs money:
-- each export is one training.
--
-- Copy this file to ~/.config/darktable/lua/, and write `require "train_lora"` into
-- ~/.config/darktable/luarc. The API key is in ~/.config/novita/key (`novita auth login`).
--
-- Each training has a folder: the exported photos with their captions, the journal, the model. If
-- you quit darktable, its next start continues, and pays for nothing twice.
--
-- darktable has many threads and one lock for Lua, which dt.control.sleep releases. So one thread
-- steps novita's loop, which never waits, and sleeps in between. novita's coroutines call nothing
-- of darktable's: that could release the lock in the middle of a step.

local dt = require "darktable"
local lfs = require "lfs"
local novita = require "novita"
-- Loads them now, and not when a training begins.
local open_batch, _ = novita.batch, novita.dataset

local ME <const> = "train_lora"
local JOURNAL <const> = "/training.db"
local TURN <const> = 0.02 -- seconds between two steps, at most

local active = {} -- the trainings in progress, by folder
local client, driving

dt.preferences.register(ME, "folder", "directory", "train a LoRA: folder",
  "where the photos and the models of the trainings are kept", os.getenv "HOME" .. "/lora")

-- {====== the fields below the export target ======

local function entry(name, default, tooltip)
  local kept = dt.preferences.read(ME, name, "string")
  return dt.new_widget "entry" { text = kept ~= "" and kept or default, tooltip = tooltip }
end

local name_entry = entry("name", "", "the name of the model: letters, digits, - and _")
local prompt_entry = entry("prompt", "a photo of ohwx person",
  "describes all photos, with a rare word for what is new in them")
local model_entry = entry("base_model", "v1-5-pruned-emaonly", "the base model")
local type_box = dt.new_widget "combobox" { label = "train", "subject", "style",
  selected = dt.preferences.read(ME, "style", "bool") and 2 or 1 }
local anyway_button = dt.new_widget "check_button" {
  label = "pay even if the check finds something",
  value = dt.preferences.read(ME, "anyway", "bool") }

local target_widget = dt.new_widget "box" { orientation = "vertical",
  dt.new_widget "label" { label = "each export is a training that is paid for" },
  name_entry, prompt_entry, type_box, model_entry, anyway_button }

local function keep_fields()
  dt.preferences.write(ME, "name", "string", name_entry.text)
  dt.preferences.write(ME, "prompt", "string", prompt_entry.text)
  dt.preferences.write(ME, "base_model", "string", model_entry.text)
  dt.preferences.write(ME, "style", "bool", type_box.value == "style")
  dt.preferences.write(ME, "anyway", "bool", anyway_button.value)
end

-- }======

-- {====== files ======

local function root()
  return dt.preferences.read(ME, "folder", "directory")
end

local function exists(path)
  return lfs.attributes(path, "mode") ~= nil
end

local function remove(path)
  if lfs.symlinkattributes(path, "mode") == "directory" then
    for name in lfs.dir(path) do
      if name ~= "." and name ~= ".." then
        remove(path .. "/" .. name)
      end
    end
  end
  os.remove(path)
end

local function write(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(bytes))
end

local function move(from, to)
  if not os.rename(from, to) then -- it is on another file system
    local file <close> = assert(io.open(from, "rb"))
    write(to, file:read "a")
    os.remove(from)
  end
end

-- The last part of each tag: people|family|anna is anna.
local function caption_of(image, start)
  local words = { start }
  for _, tag in ipairs(dt.tags.get_tags(image)) do
    if not tag.name:find "^darktable|" then
      words[#words + 1] = tag.name:match "[^|]+$"
    end
  end
  return table.concat(words, ", ")
end

-- }======

-- {====== one training, in a coroutine of novita ======

local function form_of(extra)
  return {
    task_type = extra.task_type,
    name = extra.name,
    images = extra.folder .. "/photos",
    captions = "files",
    base_model = extra.base_model,
    size = extra.base_model:lower():find "xl" and 1024 or 512,
    instance_prompt = extra.task_type == "subject" and extra.prompt or nil,
  }
end

-- Why the training must not be paid for; nil if it may be.
local function objection(batch, anyway)
  local plan, err = batch:dry_run()
  if not plan then
    return err.message
  end
  local line = plan.lines[1]
  if line.problem then
    return line.problem
  elseif line.findings[1] and not anyway then
    return ("nothing was paid, because the check found: %s"):format(
      table.concat(line.findings, "; "))
  end
end

local function result_text(job)
  if job.model_path then
    return "the model is " .. job.model_path
  elseif job.stage == "serving" then
    return "the model cannot be fetched yet: darktable's next start tries again"
  end
  return job.error and job.error.message or "it is " .. job.stage
end

-- Works until the training has ended. Returns a text for the user, and whether its folder can go.
local function work(state, extra)
  local journal = state.folder .. JOURNAL
  if extra then -- two short steps instead of a long one: creating the journal, planning
    local created = open_batch { journal = journal }
    if created then
      created:close()
    end
    client:sleep(TURN)
  end
  local batch <close>, err = open_batch { journal = journal, client = client,
    jobs = extra and { form_of(extra) } }
  if not batch then
    return err.message, extra ~= nil
  end
  state.batch = batch
  local why = extra and objection(batch, extra.anyway)
  if why then
    return why, true
  end
  state.run = batch:run { models = state.folder }
  if state.canceled then
    state.run:cancel()
  end
  for job in state.run:updates() do
    state.job = job
  end
  local summary
  summary, err = state.run:wait()
  if not summary then
    return err.message
  elseif state.canceled and batch:abandon { id = 1 } == 1 then
    return "canceled: nothing was paid", true
  end
  return result_text(batch:jobs()())
end

local function train(state, extra)
  local ok, text, may_go = pcall(work, state, extra)
  state.text = ("%s: %s"):format(state.name, tostring(text))
  if ok and may_go then
    remove(state.folder)
  end
end

-- }======

-- {====== the loop, in a thread of darktable ======

local uploaded <const> = 0.1 -- this much of the bar
local percent_of = { queuing = uploaded, deploying = 0.9, serving = 0.95 }

local function percent(job)
  if job.stage == "uploading" and job.images then
    return uploaded * (job.images_uploaded or 0) / job.images
  elseif job.stage == "training" then
    return uploaded + 0.8 * (job.progress_percent or 0) / 100
  end
  return percent_of[job.stage] or 0
end

local function show(state)
  local bar = state.bar
  local value = state.job and percent(state.job) or 0
  if value > bar.percent then
    bar.percent = value
  end
  if state.text then
    bar.valid = false
    active[state.folder] = nil
    dt.print(state.text)
  end
end

local function sleep()
  local seconds = math.min(TURN, novita.loop:timeout() or TURN)
  dt.control.sleep(math.max(1, math.ceil(seconds * 1000))) -- 0 would not let other threads in
end

local function drive()
  driving = true
  while next(active) and not dt.control.ending do
    novita.loop:step(0)
    for _, state in pairs(active) do
      show(state)
    end
    sleep()
  end
  driving = false
end

local function cancel(state)
  state.canceled = true
  if state.run then
    state.run:cancel()
  end
end

local function start(folder, extra)
  local state = { folder = folder, name = folder:match "[^/]+$" }
  state.bar = dt.gui.create_job("training " .. state.name, true, function()
    cancel(state)
  end)
  active[folder] = state
  client:group():spawn(train, state, extra)
  if not driving then
    drive()
  end
end

-- }======

-- {====== what darktable calls ======

local function open_client()
  local ok, why = true, nil
  if not client then
    ok, why = pcall(novita.client, { user_agent = "darktable" })
    client = ok and why or nil
  end
  return ok, why
end

local function problem(name, folder)
  local ok, why = open_client()
  if not ok then
    return why
  elseif not name:find "^[%w_-]+$" then
    return "the name of the model must be letters, digits, - and _"
  elseif exists(folder) then
    return ("there is a training in %s: choose another name"):format(folder)
  end
end

-- It returns nothing, even to refuse: darktable 4.2 frees its list of images twice if a table is
-- returned. Without extra.folder, what is exported is thrown away.
local function initialize(_, _, _, _, extra)
  local folder = root() .. "/" .. name_entry.text
  local why = problem(name_entry.text, folder)
  if why then
    dt.print(why)
    return
  end
  keep_fields()
  lfs.mkdir(root())
  assert(lfs.mkdir(folder))
  assert(lfs.mkdir(folder .. "/photos"))
  extra.folder, extra.name, extra.task_type = folder, name_entry.text, type_box.value
  extra.prompt, extra.base_model = prompt_entry.text, model_entry.text
  extra.anyway = anyway_button.value
end

local function store(_, image, _, path, number, _, _, extra)
  if not extra.folder then
    os.remove(path)
    return
  end
  local ending = path:match "%.(%w+)$"
  local stem = ("%s/photos/%03d"):format(extra.folder, number)
  move(path, stem .. "." .. ending)
  local caption = caption_of(image, extra.task_type == "subject" and extra.prompt or nil)
  if caption ~= "" then
    write(stem .. ".txt", caption)
  end
end

local function finalize(_, _, extra)
  if extra.folder then
    dt.control.dispatch(start, extra.folder, extra)
  end
end

local formats = { jpeg = true, png = true, webp = true }

local function supported(_, format)
  return formats[format.plugin_name] or false
end

dt.register_storage(ME, "train a LoRA", store, finalize, supported, initialize, target_widget)

-- A paid request in progress is waited for, so that its response gets into the journal.
dt.register_event(ME, "exit", function()
  for _, state in pairs(active) do
    if state.batch then
      state.batch:close()
    end
  end
end)

local function unfinished(folder)
  local batch <close> = exists(folder .. JOURNAL)
    and open_batch { journal = folder .. JOURNAL, read_only = true } or nil
  local status = batch and batch:status()
  return status and (status.ended < status.jobs or status.models_missing > 0)
end

local function resume()
  if not exists(root()) then
    return
  end
  for name in lfs.dir(root()) do
    local folder = root() .. "/" .. name
    if not name:find "^%." and unfinished(folder) then
      local ok, why = open_client()
      if ok then
        dt.control.dispatch(start, folder)
      else
        dt.print(why)
      end
    end
  end
end

dt.control.dispatch(resume)

-- }======
