--- A journal that could not be written, as on a full disk, left an empty file: the next `novita
--- recover` said that the journal exists.

local fixtures = require "support.fixtures"
local support = require "support.client"

it("a new journal that cannot be written leaves no file", function()
  local folder <close> = support.folder()
  local code = ([[
    local journal, err = require("novita.batch.journal").open("%s/run.db")
    print(journal, err and err.kind)]]):format(folder.path)
  -- files of 4 kB at most: the header of a database fits, its tables do not
  local out = fixtures.program(code, "sh -c 'trap \"\" XFSZ; ulimit -f 8; exec \"$@\"' -")
  assert.equal("nil\tjournal\n", out)
  assert.same({}, folder.list())
end)
