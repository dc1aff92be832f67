--- novita serve

local backup = require "novita.cli.serve.backup"
local cancel = require "novita.cli.serve.cancel"
local forget = require "novita.cli.serve.forget"
local key = require "novita.cli.serve.key"
local log = require "novita.cli.serve.log"
local option = require "novita.cli.option"
local rock = require "novita.cli.serve.rock"
local serve_run = require "novita.cli.serve.run"
local show_status = require "novita.cli.serve.show_status"

local serve = {
  description = "Runs a training service on this machine until Ctrl-C or SIGTERM: with its URL and "
    .. "a key, every other command, script and SDK trains here. A training that had not ended "
    .. "begins anew after a restart. Prints the environment variable that selects it. It needs "
    .. "the rock novita-server and a trainer: see docs/server.md.",
  examples = {
    { "novita serve key add anna", "make a key; it is shown once" },
    { "novita serve --trainer '/opt/trainer/train --fp16' --models models.json",
      "run a server on 127.0.0.1:8743" },
    { "novita serve --trainer 'kohya --mixed_precision bf16' --trainer-scripts /opt/sd-scripts \\\n"
      .. "      --python /opt/sd-scripts/venv/bin/python --models models.json",
      "with a known trainer" },
    { "novita serve --trainer /opt/train --models models.json --check --train",
      "check everything, with two real steps" },
    { "novita serve --trainer /opt/train --models models.json --slots 4 \\\n"
      .. "      --address 10.0.0.5 --certificate c.pem --private-key k.pem",
      "with four GPUs, for other machines" },
  },
  interruptible = true,
  alone = true,
  nested = {
    { name = "key", summary = "Make, list and remove keys.", command = key },
    { name = "status", summary = "Show the queue, the slots, the disk and the last errors.",
      command = show_status },
    { name = "log", summary = "Print what a trainer has printed.", command = log },
    { name = "cancel", summary = "Cancel a training that waits or runs.", command = cancel },
    { name = "forget", summary = "Remove all data of a training that has ended.",
      command = forget },
    { name = "backup", summary = "Copy the folder of a server, also while it runs.",
      command = backup },
  },
}

local function define_network(command)
  command:option("--address", "Address to listen on, a number. Others than this machine's need "
    .. "--certificate."):default("127.0.0.1"):argname "<address>"
  command:option("--port", "Port; 0 chooses a free one."):default("8743"):argname("<port>")
    :convert(option.integer(0, 65535))
  command:option("--certificate", "The certificates of the server, in PEM."):argname "<file>"
  command:option("--private-key", "The key of the certificate, in PEM."):argname "<file>"
  command:option("--public-url", "The URL by which clients reach it, which upload links have. "
    .. "Default: of its address and port."):argname "<url>"
end

local function define_trainer(command)
  command:option("--trainer", "The program of the trainer, and its arguments; or peft, kohya or "
    .. "diffusers, and arguments for it."):argname "<command>"
  command:option("--trainer-scripts", "The folder with the scripts of peft, kohya or diffusers.")
    :argname "<folder>"
  command:option("--python", "The Python that runs them."):default("python3"):argname "<file>"
  command:option("--generator", "Makes images: the URL of a server with /sdapi/v1/txt2img, or a "
    .. "program and its arguments."):argname "<url-or-command>"
  command:option("--models", "A JSON file: the path and family of each base model.")
    :argname "<models.json>"
  command:option("--slots", "Trainings at the same time, one for each GPU."):default("1")
    :argname("<count>"):convert(option.integer(1, 1024))
  command:option("--queue-limit", "Trainings of one key that may wait."):default("1000")
    :argname("<count>"):convert(option.integer(0))
  command:option("--timeout", "End a training that takes longer. Default: 86400.")
    :argname("<seconds>"):convert(option.number(1))
  command:option("--silence", "End a trainer that prints nothing for this long. Default: 3600.")
    :argname("<seconds>"):convert(option.number(1))
end

local function define_disk(command)
  command:option("--keep", "Days after which photos and logs are removed."):default("30")
    :argname("<days>"):convert(option.number(1))
  command:option("--keep-models", "Days after which trainings are removed, with their models. "
    .. "Default: never."):argname("<days>"):convert(option.number(1))
  command:option("--min-free", "With less free disk, new photos and trainings wait.")
    :default("1"):argname("<GB>"):convert(option.number(0))
  command:option("--photo-limit", "Disk for the photos of one key; with more, its next ones wait.")
    :default("10"):argname("<GB>"):convert(option.number(0))
  command:option("--on-restart", "For a training that ran when the server ended: begin again, or "
    .. "fail.")
    :choices({ "again", "fail" }):default("again")
end

function serve.define(command)
  rock.define_data(command)
  define_trainer(command)
  define_disk(command)
  define_network(command)
  command:flag("--check", "Check the folder, the trainer, the models and the GPUs, and end.")
  command:flag("--train", "With --check: also train two steps of the first base model.")
end

serve.run = serve_run

return serve
