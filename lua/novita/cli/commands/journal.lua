--- novita journal

return {
  description = "A journal is a file, or a PostgreSQL database that several machines share: give "
    .. "its postgresql:// URI wherever a command takes a journal. See docs/fleet.md.",
  examples = {
    { "novita journal init postgresql://admin@db.example.com/trainings",
      "prepare a database, once" },
    { "novita journal copy run.db postgresql://db.example.com/trainings",
      "continue a batch there" },
  },
  json = false,
  nested = {
    { name = "init", summary = "Prepare a database for a journal.",
      command = require "novita.cli.journals.init" },
    { name = "copy", summary = "Copy a journal into another file or database.",
      command = require "novita.cli.journals.copy" },
  },
}
