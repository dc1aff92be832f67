--- A commit that failed, as on a full disk, could leave its transaction open. Later changes were
--- then acknowledged inside it, and the end of the program took them all back.

local database = require "novita.server.database"
local support = require "support.client"

it("a transaction whose commit fails is over", function()
  local folder <close> = support.folder()
  local db <close> = database.open(folder.path .. "/db", {
    [[CREATE TABLE photo (id INTEGER PRIMARY KEY);
    CREATE TABLE used (photo REFERENCES photo DEFERRABLE INITIALLY DEFERRED)]] })
  db:run "PRAGMA foreign_keys = ON" -- checked by the commit
  local ok = pcall(db.transaction, db, function() db:run "INSERT INTO used VALUES (7)" end)
  assert.is_false(ok)
  assert.is_false(db.handle:in_transaction())
  assert.equal(0, db:row("SELECT COUNT(*) AS count FROM used").count)
  db:transaction(function() db:run "INSERT INTO photo VALUES (8)" end)
  local other <close> = database.open(folder.path .. "/db", { "" })
  assert.equal(8, other:row("SELECT id FROM photo").id)
end)
