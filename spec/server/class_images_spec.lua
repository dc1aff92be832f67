local cli = require "support.cli"
local lfs = require "lfs"
local files = require "novita.server.files"
local novita = require "novita"
local program = require "support.server.program"
local servers = require "novita.server"
local support = require "support.client"
local Canvas = require "novita.image.canvas"

-- Each run adds its request to a file; the second run fails while the file "fail" exists.
local GENERATE <const> = [[#!/bin/sh
cat "$1/request.json" >>"$MODEL.orders"
test -e "$MODEL.fail" && test "$(wc -l <"$MODEL.orders")" = 2 && { echo 'no memory'; exit 1; }
i=1; while [ $i -le 25 ]; do cp "$MODEL.image" "out/00$((i + 10)).png"; i=$((i + 1)); done
]]

-- Trains as kohya's and PEFT's scripts do; the latter makes 100 images of the class.
local PYTHON <const> = [[#!/bin/sh
ls class | wc -l >>"$MODEL.counts"
case $1 in
  *train_dreambooth.py) test -e class/0100.jpg || for i in 0 1 2 3 4 5 6 7 8 9; do
      for k in 0 1 2 3 4 5 6 7 8 9; do echo $i$k >class/$i$k-hash.jpg; done; done ;;
  *) cp "$MODEL" out/model.safetensors ;;
esac
]]

local function executable(path, text)
  cli.write(path, text)
  assert(os.execute("chmod +x " .. path))
  return path
end

local function start(path, trainer, generator)
  for _, name in ipairs { "train_network.py", "sdxl_train_network.py", "train_dreambooth.py",
    "convert_peft_sd_lora_to_kohya_ss.py" } do
    cli.write(path .. "/" .. name, "")
  end
  local up = ("../"):rep(select(2, lfs.currentdir():gsub("/", "")))
  return assert(servers.start { data = up .. path:sub(2) .. "/data", keys = { anna = "sk_anna" },
    trainer = trainer, trainer_scripts = path, generator = generator,
    python = executable(path .. "/python", PYTHON), environment = { MODEL = path .. "/model" },
    base_models = { ["v1-5-pruned-emaonly"] = { path = "/m", family = "sd15" } } })
end

local function train(server)
  local client <close> = novita.client { api_key = "sk_anna", base_url = server.base_url,
    poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1000 } }
  return client:train(program.params { size = 64, with_prior_preservation = true,
    class_prompt = "person" }):wait(60)
end

describe("the images of a class", function()
  it("are made once by the generator, also if it fails in between", function()
    local folder <close> = support.folder()
    local path = folder.path
    program.prepare(path)
    local canvas <close> = assert(Canvas.new(64, 64, 3))
    cli.write(path .. "/model.image", assert(canvas:encode { format = "png" }))
    cli.write(path .. "/model.fail", "")
    local generate = { executable(path .. "/generate", GENERATE) }
    do
      local server <close> = start(path, { "kohya" }, generate)
      assert.is_nil((train(server)))
      assert.equal("the generator has ended with status 1: no memory",
        server:trainings()[1].failure)
      os.remove(path .. "/model.fail")
    end
    local server <close> = start(path, { "kohya" }, generate)
    assert(train(server))
    assert(train(server))
    assert.equal("100\n100\n", support.read(path .. "/model.counts"))
    local seeds = {}
    for line in support.read(path .. "/model.orders"):gmatch "[^\n]+" do
      assert.matches('"image_num":25.*"prompt":"person"', line)
      seeds[#seeds + 1] = tonumber(line:match '"seed":(%d+)')
    end
    assert.same({ 1, 26, 26, 51, 76 }, seeds)
  end)

  it("are kept if the trainer has made them", function()
    local folder <close> = support.folder()
    local path = folder.path
    program.prepare(path)
    local server <close> = start(path, { "peft" })
    assert(train(server))
    assert(train(server))
    assert.equal("0\n100\n100\n100\n", support.read(path .. "/model.counts"))
    local cached = files.list(path .. "/data/class")
    assert.equal(1, #cached)
    assert.equal("00\n", support.read(("%s/data/class/%s/0001.jpg"):format(path, cached[1])))
  end)
end)
