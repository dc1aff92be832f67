local Future = require "novita.async.future"
local co = require "support.coroutines"
local files = require "support.files"
local made = require "support.safetensors"
local process = require "novita.server.process"
local scheduler = require "novita.async.scheduler"
local server_core = require "novita.server.core"
local support = require "support.client"
local task_folder = require "novita.server.task_folder"
local trainer = require "novita.server.trainer"
local trainers = require "server.fake_trainers"

local SUCCESS <const> = 'cp "$MODEL" out/m.safetensors'

local function run(script, options)
  local folder <close> = support.folder()
  return trainers.run(folder.path, script, options)
end

local function fails(script, code, message, options)
  local trained, err = run(script, options)
  assert.is_nil(trained)
  assert.same({ "trainer", code, message }, { err.kind, err.code, err.message })
  return err
end

describe("a trainer", function()
  it("gets its folder, its slot and no key", function()
    local folder <close> = support.folder()
    local trained, err = trainers.run(folder.path, [[ls images captions class out >seen
      cat params.json captions/0002.txt images/0001.jpg >>seen
      echo "$1 $PWD $CUDA_VISIBLE_DEVICES $HF_HUB_OFFLINE ${NOVITA_API_KEY-none}" >>seen
      ]] .. SUCCESS)
    assert.is_nil(err)
    local task = folder.path .. "/task"
    assert.equal(task .. "/out/m.safetensors", trained.path)
    assert.same({ 4, "sd15" }, { trained.facts.rank, trained.facts.base })
    assert.equal(("captions:\n0002.txt\n\nclass:\n\nimages:\n0001.jpg\n0002.jpg\n\nout:\n"
      .. '{"family":"sd15"}\na photo of ohwx\nphoto 1%s %s 1 1 none\n'):format(task, task),
      support.read(task .. "/seen"))
  end)

  it("reports its progress on descriptor 3", function()
    local _, _, running = run("echo progress 30/300 >&3; echo progress 20/300 >&3;" .. SUCCESS)
    assert.equal(10, running.progress:percent())
  end)

  it("reports its progress with tqdm's bar, and not with another one", function()
    local _, _, running = run([[printf 'Loading: 100%%|##| 7/7 [00:01<00:00,  7.00it/s]\r' >&2
      printf 'Steps:  10%%|#  | 30/300 [00:01<00:09, 29.29it/s, loss=0.08]\r' >&2
      printf 'Steps:  20%%|#  | 60/300 [00:02<00:09, 29.29it/s, loss=0.07]\r' >&2;]] .. SUCCESS)
    assert.equal(20, running.progress:percent())
    assert.is_true(running.progress:eta() >= 0)
  end)

  it("may be several programs, with a bar and a model of a name", function()
    local folder <close> = support.folder()
    trainers.task(folder.path .. "/task")
    local model = files.temporary(trainers.model)
    local running = assert(trainer.start { folder = folder.path .. "/task", steps = 300, slot = 0,
      bar = "Steps", model = "m.safetensors", environment = { MODEL = model }, commands = {
        { "sh", "-c", [[printf 'Class: 99%%|# | 299/300 [00:01<00:09, 1.0it/s]\r' >&2
          printf 'Steps: 10%%|# | 30/300 [00:01<00:09, 1.0it/s]\r' >&2
          touch out/x.safetensors]] },
        { "sh", "-c", SUCCESS } } })
    local trained = assert(running:wait())
    assert.equal(folder.path .. "/task/out/m.safetensors", trained.path)
    assert.equal(10, running.progress:percent())
    running = assert(trainer.start { folder = folder.path .. "/task", steps = 300, slot = 0,
      commands = { { "sh", "-c", "exit 3" }, { "sh", "-c", "touch ../second" } } })
    local _, err = running:wait()
    assert.equal("the trainer has ended with status 3", err.message)
    assert.is_nil(support.read(folder.path .. "/second"))
    os.remove(model)
  end)

  it("that was asked to end has not succeeded", function()
    local folder <close> = support.folder()
    trainers.task(folder.path .. "/task")
    local running = assert(trainer.start { folder = folder.path .. "/task", steps = 3, slot = 0,
      command = { "sh", "-c", "sleep 100" } })
    running:stop()
    local _, err = running:wait()
    assert.same({ "stopped", "the trainer was stopped" }, { err.code, err.message })
  end)

  it("ends with the coroutine that waits for it", function()
    local folder <close> = support.folder()
    trainers.task(folder.path .. "/task")
    local group <close> = co.group()
    local fiber = group:spawn(function()
      return assert(trainer.start { folder = folder.path .. "/task", steps = 3, slot = 0,
        command = { "sh", "-c", "trap '' TERM; sleep 100 & sleep 99" } }):wait()
    end)
    co.sleep(0.05)
    fiber:cancel()
    assert(group:wait())
    assert.equal(0, server_core.kill_marked(assert(task_folder.mark(folder.path .. "/task"))))
  end)

  it("begins anew: what an earlier run has left does not count", function()
    local folder <close> = support.folder()
    local path = folder.path .. "/task"
    trainers.task(path)
    os.execute(("touch %s/out/old.safetensors && mkdir %s/out/logs"):format(path, path))
    local up = Future.new { loop = scheduler.own() }
    local left = assert(process.start { mark = assert(task_folder.mark(path)),
      argv = { "sh", "-c", "echo up; sleep 100 & sleep 100" },
      on_line = function() up:finish(true) end })
    assert(up:wait(60))
    assert(trainer.kill_earlier(path))
    assert.equal(9, assert(left:wait()).signal)
    local model = files.temporary(trainers.model)
    local running = assert(trainer.start { folder = path, steps = 3, slot = 0,
      command = { "sh", "-c", SUCCESS }, environment = { MODEL = model } })
    assert.truthy(running:wait())
    os.remove(model)
  end)
end)

describe("a training has failed if its trainer", function()
  it("is missing", function()
    local folder <close> = support.folder()
    trainers.task(folder.path .. "/task")
    local _, err = trainer.start { folder = folder.path .. "/task", steps = 3, slot = 0,
      command = { "/opt/nowhere/train" } }
    assert.same({ "spawn",
      "the trainer does not start: cannot start /opt/nowhere/train: No such file or directory" },
      { err.code, err.message })
  end)

  it("ends with another status, and says the last line", function()
    local err = fails([[echo 'Traceback'; printf 'RuntimeError: \033[31mCUDA out of memory\033[0m\n'
      echo; exit 1]], "status",
      "the trainer has ended with status 1: RuntimeError: CUDA out of memory")
    assert.truthy(err.tail:find "Traceback")
  end)

  it("raises an exception, after which its bar is drawn once more", function()
    fails([[printf 'Steps: 50%%|##| 6/12 [00:01<00:01,  6.85it/s]\r'; echo 'ImportError: no Jinja2'
      printf 'Steps: 50%%|##| 6/12 [00:01<00:01,  6.85it/s]\r'; exit 1]], "status",
      "the trainer has ended with status 1: ImportError: no Jinja2")
  end)

  it("ends with status 0 without a file", function()
    fails("echo 'Training Complete'", "no_model",
      "the trainer has ended with status 0, but there is no out/*.safetensors: Training Complete")
  end)

  it("leaves two files", function()
    fails(SUCCESS .. '; cp "$MODEL" out/n.safetensors', "models",
      "the trainer has left 2 files out/*.safetensors, but must leave one")
  end)

  it("leaves a link", function()
    fails('ln -s "$MODEL" out/m.safetensors', "model",
      "the trainer has left a model that is no file")
  end)

  it("leaves a short file", function()
    fails('head -c 1000 "$MODEL" >out/m.safetensors', "model", "the trainer has left an unusable "
      .. "model: m.safetensors: the file is cut off: 424 of 12800 bytes of its tensors are there")
  end)

  it("leaves a file with a hole", function()
    local path = files.temporary(made.compose(
      '{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}', "12345678"))
    fails(("cp %s out/m.safetensors"):format(path), "model", "the trainer has left an unusable "
      .. "model: m.safetensors: the tensor 'a' has a hole in front of its data")
    os.remove(path)
  end)

  it("leaves a model that is not a number", function()
    local path = files.temporary(made.file(made.kohya { up = 0x7e00 }))
    local _, err = run(("cp %s out/m.safetensors"):format(path))
    assert.truthy(err.message:find("is not a number: the training has failed", 1, true))
    os.remove(path)
  end)

  for _, text in ipairs { "loss=nan", "avr_loss=nan", "loss=NaN" } do
    it("prints " .. text .. ", at once", function()
      fails(("echo 'Steps: 1%%|# | 3/300 [00:01<00:09, %s]' >&2; sleep 100"):format(text), "nan",
        ("the trainer has printed %s at step 3 of 300: the loss is not a number"):format(
          text:lower()))
    end)
  end

  it("hangs", function()
    fails("echo step; sleep 100", "silent", "the trainer has printed nothing for 0.3 s: step",
      { silence = 0.3 })
  end)

  it("takes too long, although it prints", function()
    fails("while :; do echo step; sleep 0.01; done", "timeout",
      "the trainer has run for 0.3 s, the limit: step", { timeout = 0.3 })
  end)

  it("ignores SIGTERM", function()
    fails("trap '' TERM; while :; do sleep 100; done", "timeout",
      "the trainer has run for 0.2 s, the limit", { timeout = 0.2, grace = 0.1 })
  end)

  it("forks away", function()
    fails("(setsid sh -c 'sleep 100 & sleep 100' >/dev/null 2>&1 3>&1 &); exit 0", "no_model",
      "the trainer has ended with status 0, but there is no out/*.safetensors")
  end)

  it("prints without end", function()
    fails("yes 'Epoch'", "output",
      "the trainer has printed more than 1000000 bytes, the limit: Epoch",
      { output_limit = 1000000 })
  end)

  it("dies by a signal", function()
    fails("echo loading; kill -SEGV $$", "signal",
      "the trainer was ended by signal 11 (Segmentation fault): loading")
  end)
end)

describe("the folder of a task", function()
  it("appears complete or not at all", function()
    local folder <close> = support.folder()
    local done, err = task_folder.create(folder.path .. "/task", { params = {},
      photos = { { file = "/nowhere/photo", extension = "jpg" } } })
    assert.same({ nil, "trainer", "/nowhere/photo: it cannot be read" }, { done, err.kind,
      err.message })
    assert.same({}, folder.list())
  end)

  it("leaves an existing one alone", function()
    local folder <close> = support.folder()
    trainers.task(folder.path .. "/task")
    local done, err = task_folder.create(folder.path .. "/task", { params = {}, photos = {} })
    assert.is_nil(done)
    assert.equal("file", err.kind)
    assert.equal("photo 1", support.read(folder.path .. "/task/images/0001.jpg"))
  end)
end)
