--- novita serve backup

local counted = require "novita.base.counted"
local rock = require "novita.cli.serve.rock"

local backup = {
  description = "Copies the database, as it is at one moment, the photos, models and images to "
    .. "another folder. A later backup to the same folder copies only what is new, and removes "
    .. "what the server has removed. To restore, use a copy of that folder as --data.",
  examples = { { "novita serve backup /backup/novita", "copy everything, or what is new" } },
}

function backup.define(command)
  command:argument("folder", "The folder of the copy."):argname "<folder>"
  rock.define_nested(command)
end

function backup.run(arguments, ui)
  local copied = rock.require("novita.server.backup").make(rock.data(arguments), arguments.folder)
  ui:print("copied server.db, %s, %s, %s", counted(copied.photos, "photo"),
    counted(copied.models, "model"), counted(copied.images, "image"))
  ui:result(copied)
end

return backup
