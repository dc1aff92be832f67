--- The programs of this folder and the README's samples, as they are written: in a plain script, in
--- luv and in cqueues; with photos that can be used, with a bad folder, and with a lost response to
--- the paid request. The emulator's ledger says what was paid for.

local cli = require "support.cli"
local lfs = require "lfs"
local Scene = require "programs.support.scene"

local top = lfs.currentdir()
local BILLED <const> = "may exist and be billed: look for it"
local IMAGES_BILLED <const> = "may have been generated and billed"
local BAD <const> = "bad.jpg is text, not an image"

-- {====== programs ======

local function ended(run)
  assert.is_true(run.ok, run.all)
end

local function failed_with(run, text)
  assert.is_false(run.ok, run.all)
  run:has(text)
end

-- The programs that train one model and stop at its error.
local one = {}

function one.good(run)
  ended(run)
  run:paid(1)
  run:shows_models()
end

function one.bad(run)
  failed_with(run, BAD)
  run:paid(0)
end

function one.lost(run)
  failed_with(run, BILLED)
  run:paid(1)
end

-- The program that also generates an image with the model. It has a journal: it finds a training
-- whose response was lost.
local generated = { bad = one.bad }

function generated.good(run)
  ended(run)
  run:paid(1, 1)
  assert.is_true(#run:read "anna.png" > 0)
end

generated.lost = generated.good

-- The programs that print what a wait returns.
local printed = { good = one.good }

function printed.bad(run)
  ended(run)
  run:has(BAD)
  run:paid(0)
end

function printed.lost(run)
  ended(run)
  run:has(BILLED)
  run:paid(1)
end

-- The programs that train three models.
local many = {}

function many.good(run)
  ended(run)
  run:paid(3)
  run:shows_models()
end

function many.bad(run)
  ended(run)
  run:has(BAD)
  run:paid(2)
  run:shows_models()
end

function many.lost(run)
  ended(run)
  run:has(BILLED)
  run:paid(3)
  run:shows_models(1)
end

-- The README's program that trains two models, in the same journal.
local two = {}

function two.good(run)
  ended(run)
  run:paid(2)
  run:shows_models()
end

function two.bad(run)
  ended(run)
  run:has(BAD)
  run:paid(1)
  run:shows_models()
end

two.lost = two.good

-- The program that runs a batch: it finds a task whose response was lost.
local batch = { good = many.good, bad = many.bad }

function batch.lost(run)
  ended(run)
  run:has "3 jobs: 3 serving"
  run:paid(3)
  run:shows_models()
end

-- The program that waits for a training by its id pays for nothing.
local attach = {}

function attach.good(run)
  ended(run)
  run:paid(1)
  run:shows_models()
end

function attach.bad(run)
  ended(run)
  run:has "nil\t"
  run:has "failed; the service gives no reason"
  run:paid(1)
end

attach.lost = attach.good

-- The program that generates images, with a model that was paid for before.
local generate = {}

function generate.good(run)
  ended(run)
  run:paid(1, 1)
  assert.is_true(#run:read "1.png" > 0 and #run:read "2.png" > 0)
end

function generate.bad(run)
  failed_with(run, "no-model")
  run:paid(0)
end

function generate.lost(run)
  failed_with(run, IMAGES_BILLED)
  run:paid(1, 1)
end

local EVERYWHERE <const> = { "plain", "luv", "cqueues" }
local PLAIN <const> = { "plain" }

local function in_folder(name)
  return function()
    return ("%s/spec/programs/%s.lua"):format(top, name)
  end
end

-- A Lua block of the README, after a line that sets what its text takes for granted.
local function sample(number, before)
  return function(run)
    local blocks = {}
    local file <close> = assert(io.open(top .. "/README.md"))
    for text in file:read("a"):gmatch "\n```lua[^\n]*\n(.-\n)```" do
      blocks[#blocks + 1] = text
    end
    cli.write(run.folder .. "/sample.lua", (before or "") .. assert(blocks[number]))
    return "sample.lua"
  end
end

local SAMPLE <const> = [[local novita = require "novita"
local client <close> = novita.client { journal = "script.db" }
]]

local cases = {
  { name = "train_one.lua", path = in_folder "train_one", loops = EVERYWHERE, expected = one },
  { name = "train_many.lua", path = in_folder "train_many", loops = EVERYWHERE, expected = many },
  { name = "attach.lua", path = in_folder "attach", loops = EVERYWHERE, expected = attach,
    argument = { good = Scene.training, lost = Scene.training,
      bad = function(run) return run:training(true) end }, paid = "status" },
  { name = "batch.lua", path = in_folder "batch", loops = EVERYWHERE, expected = batch },
  { name = "in_luv.lua", path = in_folder "in_luv", loops = PLAIN, expected = printed },
  { name = "in_cqueues.lua", path = in_folder "in_cqueues", loops = PLAIN, expected = printed },
  { name = "generate.lua", path = in_folder "generate", loops = EVERYWHERE, expected = generate,
    argument = { good = Scene.model, lost = Scene.model, bad = function() return "no-model" end },
    paid = "txt2img" },
  { name = "the README's first sample", path = sample(1), loops = EVERYWHERE,
    expected = generated },
  { name = "the README's second sample", path = sample(2, SAMPLE), loops = EVERYWHERE,
    expected = two },
}

-- }======

local function each_loop(case, fn)
  for _, how in ipairs(case.loops) do
    it(case.name .. " in " .. how, function()
      local library = how ~= "plain" and how or case.name:match "^in_(%w+)%.lua$"
      if library and not pcall(require, library) then
        pending(library .. " is not installed")
        return
      end
      local run <close> = Scene.new()
      fn(run, how)
    end)
  end
end

-- Runs a case: `kind` is "good", "bad" or "lost".
local function run_case(case, kind, run, how)
  local argument = case.argument and case.argument[kind](run)
  if kind == "lost" then run:lose(case.paid or "create") end
  if kind == "bad" then run:spoil_anna() end
  run:run(how, case.path(run), argument)
  case.expected[kind](run)
end

for _, scenario in ipairs {
  { "good", "with good photos, everything is paid for once:" },
  { "bad", "with a folder that has a bad photo, nothing paid is lost:" },
  { "lost", "with a lost response to a paid request, nothing is paid for twice:" },
} do
  describe(scenario[2], function()
    for _, case in ipairs(cases) do
      each_loop(case, function(run, how) run_case(case, scenario[1], run, how) end)
    end
  end)
end

describe("with a lost response", function()
  it("to the request for images, the README's first sample says that they may be billed", function()
    local run <close> = Scene.new()
    run:lose "txt2img"
    run:run("plain", sample(1)(run))
    failed_with(run, IMAGES_BILLED)
    run:paid(1, 1)
  end)

  -- The program of spec/programs with a journal, as docs/batch.md says it.
  local function with_journal(run)
    local file <close> = assert(io.open(in_folder "train_one" ()))
    local text, count = file:read("a"):gsub("novita%.client%(%)",
      'novita.client { journal = "run.db" }')
    assert.equal(1, count)
    cli.write(run.folder .. "/program.lua", text)
    return "program.lua"
  end

  each_loop({ name = "and a journal, a program has its model, and again when it runs again",
    loops = EVERYWHERE }, function(run, how)
    run:lose "create"
    for _ = 1, 2 do
      run:run(how, with_journal(run))
      one.good(run)
    end
  end)
end)
