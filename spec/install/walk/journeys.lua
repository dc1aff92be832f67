-- The journeys: which parts of the docs a person works through, in this order.
--
-- A part is `{ page, heading... }`: the blocks of the page below these headings, or all of them;
-- of those the ones with the pattern `only` and without the pattern `without`. `joined` makes one
-- script of several blocks of Lua. `explained` is a comment after a print that is not its output.
-- The page says "as root" of blocks with `root`; the others are typed by a person who is not root.
-- `instead` replaces what cannot be typed here as it stands, each with the reason; a text that is
-- not on the page is an error. `inline` has commands of the page's sentences, which are typed after
-- its blocks. `shell` starts a shell, and `type` is a command that the page only describes.

local README <const> = "README.md"
local SERVER <const> = "docs/server.md"

-- The shell that the README names; everything after it is typed in there.
local EMULATOR <const> = "novita emulator --speed 20 -- bash"

local journeys = {}

journeys.photos = {
  title = "phone photos to a model",
  parts = {
    { type = "make demo", may_fail = true, why = "the page says what another user sees",
      printed = "please install what is missing: sudo apt-get install ...\n" },
    { type = "$(make -s demo 2>&1 | sed -n 's/^please install what is missing: //p')",
      why = "the line that it has printed" },
    { README, "Try it without a key" },
    { README, "Installing", root = true, only = "apt%-get" },
    { shell = EMULATOR },
    { README, "A script", "The command line", inline = { "novita balance", "novita doctor" } },
    { shell = EMULATOR }, -- the page begins with an account without trainings
    { "docs/first-model.md", "1. Photos", "2. A training that costs nothing", "3. Images",
      "4. With your key", without = "novita emulator",
      inline = { "novita check photos/anna --sheet sheet.html", "novita list",
        "novita models --public --type checkpoint" } },
    { "docs/first-model.md", "A client of the emulator", "The training", "The wait", "The images",
      joined = true },
    { "docs/first-model.md", "With your key" },
    { type = "rm -r people* photos", why = "another day: the page begins with new photos" },
    { type = "cp -r ../own/people ../own/photos .", why = "another day" },
    { "docs/cli.md", inline = { "novita --help", "novita list", "novita resume people.db" } },
  },
}

journeys.script = {
  title = "the author of a script",
  parts = {
    { README, "Installing", root = true, only = "apt%-get", first = 1,
      why = "apt-get of the first block; the rocks come from the next one, for one user" },
    { README, "Installing", only = "%-%-local" },
    { shell = EMULATOR },
    { README, "A script" },
    { type = "echo 'not a photo' > people/carla/broken.jpg",
      why = "the page shows a batch with a job that fails" },
    { "docs/batch.md", explained = "^what a run would do" },
    { "docs/in-your-program.md" },
  },
}

journeys.sdk = {
  title = "from the Python SDK",
  parts = {
    { README, "Installing", root = true, only = "apt%-get" },
    { shell = EMULATOR },
    { "docs/moving.md", explained = "^images = photos" },
  },
}

-- The server of the page, with the trainer that trains on any machine.
local KOHYA <const> = "--trainer kohya --trainer-scripts /opt/sd-scripts \\\n"
  .. "    --python /opt/sd-scripts/venv/bin/python"
local TINY <const> = "--trainer \"/usr/bin/python3 $PWD/examples/trainer/train.py\""
local BEGIN <const> = "From an empty GPU machine to the first model"

journeys.server = {
  title = "an operator of a server",
  parts = {
    { SERVER, BEGIN, root = true, only = "apt%-get" },
    { type = "$(make -s demo-server 2>&1 | sed -n 's/^please install what is missing: //p')",
      why = "what make demo-server asks for: the trainer's Python" },
    { type = "sudo mkdir /models; sudo touch /models/v1-5-pruned-emaonly.safetensors",
      why = "the checkpoint that the page takes for granted; the trainer does not read it" },
    { SERVER, BEGIN, only = "models%.json <<" },
    { SERVER, BEGIN, only = "%-%-check", instead = {
        { "key add anna", "key add anna | tee key", "the next part needs the key" },
        { KOHYA, TINY, "there is no GPU: the trainer that trains on any machine" },
        { "kohya, with /opt/sd-scripts/venv/bin/python", "/usr/bin/python3", "the same" },
        { "/home/gpu", "/home/kim", "another person" },
        { "ok    gpus     1 GPU, 1 slot\n", "warn  gpus     no NVIDIA GPU was found\n"
          .. "               another kind of GPU is not looked for; a processor needs hours\n",
          "there is no GPU" },
      } },
    { type = "novita serve --models models.json " .. TINY .. " > address &",
      why = "the page: the same command without --check --train" },
    { SERVER, BEGIN, only = "^%$ ssh", instead = {
        { "ssh -N -L 8743:127.0.0.1:8743 gpu &", "true", "the server is on this machine" },
        { "sk_f8bb...", "$(cat key)", "the key of this server" },
      } },
    { SERVER, "From a script", "To try it without a GPU", "The contract with a trainer" },
    { type = "make demo-server", printed = "...\nlearned: 0.162 -> 0.052\n",
      why = "the text names it" },
    { type = "novita serve status && novita serve key list && novita serve backup copy",
      why = "the table of the operator's commands", printed = "...\nended 1 succeeded, 0 failed, "
        .. "0 canceled\n...\nanna 2026-11-29 1 training 0 waiting\n"
        .. "copied server.db, 13 photos, 1 model, 0 images\n" },
  },
}

return journeys
