--- novita fleet

return {
  description = "Several machines that run `novita batch` or `novita resume` with the same "
    .. "postgresql:// URI are a fleet. `novita status` lists their runners. See docs/fleet.md.",
  examples = {
    { "novita fleet drain ws-3 postgresql://db.example.com/trainings",
      "let the runners of a machine end" },
  },
  json = false,
  nested = {
    { name = "drain", summary = "Let the runners of a machine end.",
      command = require "novita.cli.journals.drain" },
  },
}
