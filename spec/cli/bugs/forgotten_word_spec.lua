-- `novita generate` paid for images of a prompt without the rare word of the model, or with that
-- word and without the model, and said nothing, although the journal beside it knows the word.

local cli = require "support.cli"
local connection = require "novita.batch.store.connection"
local emulator = require "novita.emulator"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("novita generate", function()
  local service, env, folder
  setup(function()
    service, folder = assert(emulator.start { speed = 100 }), cli.folder()
    local here = os.getenv "PWD"
    local function absolute(path)
      return (path:gsub("%f[^;\0]([^/;])", here .. "/%1"))
    end
    env = cli.env(service, { LUA_PATH = absolute(package.path),
      LUA_CPATH = absolute(package.cpath) })
    cli.photos(folder .. "/mimi", 1)
  end)
  teardown(function()
    service:stop()
    cli.remove(folder)
  end)

  -- The journals that count are those of the current folder.
  local function novita(...)
    local words = cli.command({ ... }, env):gsub(" bin/novita", (" %s/bin/novita"):format(
      os.getenv "PWD"), 1)
    local pipe <close> = assert(io.popen(("cd %s && %s 2>&1 </dev/null"):format(folder, words)))
    return pipe:read "a"
  end

  -- One bad row of any journal in the folder refused all images.
  it("makes images beside a damaged journal", function()
    cli.photos(folder .. "/rex", 1)
    has(novita("train", "rex", "--prompt", "a photo of sks dog", "--poll", "0.1"), "serving: ")
    local db = assert(connection.open(folder .. "/rex.db"))
    db:run "UPDATE job SET params = '{'"
    db:close()
    has(novita("generate", "--prompt", "a dog", "--poll", "0.1"), "saved ")
    os.remove(folder .. "/rex.db")
  end)

  it("warns of a prompt that does not fit the model", function()
    has(novita("train", "mimi", "--prompt", "a photo of ohwx cat", "--poll", "0.1"), "serving: ")
    local forgotten = novita("generate", "--model", "mimi", "--prompt", "a dog", "--poll", "0.1")
    has(forgotten, "warning: the prompt does not have ohwx, the rare word of the training mimi")
    local no_model = novita("generate", "--prompt", "ohwx cat on a sofa", "--poll", "0.1")
    has(no_model, "warning: the prompt has ohwx, the rare word of the training mimi, but there is "
      .. "no --model: add --model mimi")
    assert.is_nil(novita("generate", "--model", "mimi", "--prompt", "ohwx cat", "--poll", "0.1")
      :find("warning", 1, true))
    assert.is_nil(novita("generate", "--prompt", "a dog", "--poll", "0.1"):find("warning", 1, true))
    has(novita("generate", "--prompt", "a dog", "--base", "sdxl", "--poll", "0.1"),
      "checkpoints end in .safetensors")
  end)
end)
