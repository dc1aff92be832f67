--- novita auth

return {
  description = "Keeps the API key in one file that only you can read: ~/.config/novita/key. "
    .. "NOVITA_API_KEY and --key-file go before it.",
  examples = {
    { "novita auth login", "type or paste the key; it is not shown" },
    { "novita auth login < key.txt", "read it from a file" },
    { "novita auth status", "say where the key is from, and whether it is accepted" },
    { "novita auth logout", "remove the file" },
  },
  json = false,
  nested = {
    { name = "login", summary = "Store the API key.",
      command = require "novita.cli.auth.login" },
    { name = "status", summary = "Say where the API key is from, and whether it is accepted.",
      command = require "novita.cli.auth.key_status" },
    { name = "logout", summary = "Remove the stored API key.",
      command = require "novita.cli.auth.logout" },
  },
}
