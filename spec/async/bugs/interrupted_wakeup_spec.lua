-- A worker's wakeup was lost if a signal interrupted its system call: the loop kept sleeping
-- although an image was ready.

local programs = require "support.programs"
local fixtures = require "support.fixtures"

local PREPARE <const> = [[
  local novita = require "novita"
  local Canvas = require "novita.image.canvas"
  local bytes = Canvas.new(64, 48, 3):encode { format = "jpeg" }
  assert(novita.image.prepare(bytes, { size = 32 }))
  print "prepared"
]]

describe("an interrupted wakeup", function()
  local test = os.getenv "NOVITA_SANITIZED" and pending or it

  test("that fails is knocked again", function()
    -- an eventfd needs all eight bytes: a shorter write fails with EINVAL
    local short = programs.compile("cc", "short.so", "spec/stress/failures/short.c",
      "-shared -fPIC -ldl")
    local mark = os.tmpname()
    os.remove(mark)
    local output, status = fixtures.program(PREPARE,
      ("env LD_PRELOAD=%s SHORT_AT=1 SHORT_MARK=%s"):format(short, mark))
    assert.equal("prepared\n", output)
    assert.equal(0, status)
    assert.is_true(os.remove(mark)) -- it did fail
  end)
end)
