--- novita completion

local parser -- loaded when needed, because the parser itself loads this command

local completion = {
  description = "Prints a script with which a shell completes the commands and options.",
  examples = {
    { "novita completion bash > ~/.local/share/bash-completion/completions/novita", "bash" },
    { "novita completion zsh > ~/.zfunc/_novita", "zsh, with ~/.zfunc in fpath" },
    { "novita completion fish > ~/.config/fish/completions/novita.fish", "fish" },
  },
  json = false,
}

function completion.define(command)
  command:argument("shell", "The shell."):choices { "bash", "zsh", "fish" }
end

function completion.run(arguments)
  parser = parser or require "novita.cli.parser"
  local grammar = parser.new(parser.names)
  io.stdout:write((grammar["get_" .. arguments.shell .. "_complete"](grammar)))
end

return completion
