-- A training was paid for without a word about what only a dry run said, or nothing said: photos of
-- a style without captions, one zero too many in --steps, and the prompt that a preset has chosen.

local cli = require "support.cli"
local emulator = require "novita.emulator"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

it("a run says before it pays what is unusual", function()
  local service <close> = assert(emulator.start {})
  local env, folder = cli.env(service), cli.folder()
  cli.photos(folder .. "/anna", 2)
  local function train(...)
    local done = cli.run({ "train", folder .. "/anna", "--no-wait", ... }, env)
    assert.equal(0, done.status, done.err)
    return done.err
  end
  local style = train("--task-type", "style")
  has(style, "warning: 2 of 2 photos have no caption")
  local face = train("--preset", "face", "--steps", "99999", "--name", "face")
  has(face, "prompt of --preset face: a closeup photo of ohwx person\n")
  has(face, "warning: --steps is 99999: the service's playground takes 200 for each photo, "
    .. "2000 at most\n")
  cli.remove(folder)
end)
