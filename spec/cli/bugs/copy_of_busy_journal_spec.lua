-- A journal was copied while a run worked on it, and then both were continued: two journals of one
-- batch do not know of each other, and each paid for the jobs that were left.

local cli = require "support.cli"
local emulator = require "novita.emulator"
local novita = require "novita"

describe("novita journal copy", function()
  it("warns while a run works on the journal", function()
    local service <close> = assert(emulator.start {})
    local env, folder = cli.env(service), cli.folder()
    local journal = folder .. "/run.db"
    local batch = assert(novita.batch { journal = journal })
    local done = cli.run({ "journal", "copy", journal, folder .. "/copy.db" }, env)
    assert.equal(0, done.status, done.err)
    assert.matches("warning: a run works on .*run%.db: stop it before the copy is continued",
      done.err)
    batch:close()
    done = cli.run({ "journal", "copy", journal, folder .. "/other.db" }, env)
    assert.same({ 0, "" }, { done.status, done.err })
    cli.remove(folder)
  end)
end)
