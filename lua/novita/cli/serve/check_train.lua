--- novita serve --check --train: two real steps with the configured trainer, through a server in a
--- folder that is removed afterwards.

local Canvas = require "novita.image.canvas"
local findings = require "novita.cli.findings"
local novita = require "novita"
local rock = require "novita.cli.serve.rock"

local STEPS <const> = 2
local KEY <const> = "sk_check"
local SIZE <const> = { sd15 = 512, sdxl = 1024 }

-- Four squares on grounds of different colours.
local function images(size)
  local list = {}
  for i = 1, 4 do
    local canvas <close> = assert(Canvas.new(size, size, 3))
    canvas:fill(0, 0, size, size, 60 * i, 255 - 60 * i, 120)
    canvas:fill(size // 8 * i, size // 4, size // 4, size // 4, 250, 240, 230)
    list[i] = { bytes = assert(canvas:encode { format = "png" }) }
  end
  return list
end

local function params(options)
  local names = {}
  for name in pairs(options.base_models) do
    names[#names + 1] = name
  end
  table.sort(names)
  local size = SIZE[options.base_models[names[1]].family]
  return { task_type = "subject", name = "check", base_model = names[1], size = size,
    instance_prompt = "a photo of ohwx square", max_train_steps = STEPS, images = images(size) }
end

local function copy_of(options, folder)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.data, copy.keys, copy.port, copy.log = folder, { check = KEY }, 0, false
  copy.address, copy.certificate, copy.private_key, copy.public_url = nil, nil, nil, nil
  return copy
end

local function last_of(server)
  local training = server:trainings()[1]
  return training and training.failure, training and training.tail
end

local function train(ui, options, folder)
  local server, err = rock.require("novita.server").start(copy_of(options, folder))
  if not server then
    return nil, err.message
  end
  local closing <close> = server
  local form = params(options)
  local client <close> = novita.client { api_key = KEY, base_url = closing.base_url,
    poll = { first = 1, min = 0.2, max = 2 }, log = function() end }
  ui:note(("trains %d steps of %s, which may take minutes"):format(STEPS, form.base_model))
  local task = client:train(form)
  while not task:done() and not ui.interrupt:check() do
    task:wait(ui.interrupt.every)
  end
  if not task:done() then
    error(ui.interrupt:error "the check was stopped", 0)
  end
  local model
  model, err = task:result()
  if model then
    return form.base_model
  end
  local why, tail = last_of(closing)
  if tail then
    ui:say(ui:safe(tail):gsub("%s+$", ""))
  end
  return nil, why or err.message
end

---@param ui novita.cli.Ui
---@param options novita.server.Options not checked
---@return table finding
return function(ui, options)
  local files = rock.require "novita.server.files"
  local folder, began = options.data .. "/check", os.time()
  assert(files.remove(folder))
  local _ <close> = setmetatable({}, { __close = function() files.remove(folder) end })
  local name, why = train(ui, options, folder)
  if name then
    return findings.new("training", "ok", ("%d steps of %s in %d s, and the model is sound"):format(
      STEPS, name, os.time() - began))
  end
  return findings.new("training", "failed", why, "the end of its log is above")
end
