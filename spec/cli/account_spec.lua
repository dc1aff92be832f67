-- The commands for the API key, for single requests, and for a program with an emulator.
local cli = require "support.cli"
local emulator = require "novita.emulator"
local tmux = require "support.tmux"

local function contents(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

describe("the account on the command line", function()
  local service, home, env
  setup(function()
    service = assert(emulator.start { speed = 20, queue_seconds = 0.2, deploy_seconds = 0.2,
      seconds_per_step = 0.001, api_key = "sk_1234" })
  end)
  teardown(function() service:stop() end)
  before_each(function()
    home = cli.folder()
    env = cli.env(service, { HOME = home })
  end)
  after_each(function() cli.remove(home) end)

  -- Runs it with a text as its standard input.
  local function run_with(text, words, environment)
    local command = cli.command(words, environment)
    local out = home .. "/out"
    local _, _, status = os.execute(("printf %%s %s | %s >%s 2>&1"):format(quote(text), command,
      out))
    return status, contents(out)
  end

  it("stores a key that is accepted, in a private file, and removes it", function()
    local keyless = cli.env(service, { HOME = home })
    keyless.NOVITA_API_KEY = nil
    local status, out = run_with(service.api_key .. "\n", { "auth", "login" }, keyless)
    assert.equal(0, status, out)
    assert.is_nil(out:find(service.api_key, 1, true))
    local path = home .. "/.config/novita/key"
    assert.equal(service.api_key .. "\n", contents(path))
    assert.equal("rw-------", require("lfs").attributes(path, "permissions"))
    local done = cli.run({ "auth", "status" }, keyless)
    assert.matches("^the key from " .. path:gsub("%p", "%%%0") .. " is accepted by http://127",
      done.out)
    assert.equal(0, cli.run({ "balance" }, keyless).status)
    assert.equal("removed " .. path .. "\n", cli.run({ "auth", "logout" }, keyless).out)
    assert.matches("there is no key file", cli.run({ "auth", "logout" }, keyless).err)
    local missing = cli.run({ "auth", "status" }, keyless)
    assert.same({ 1, "no API key: novita auth login\n" }, { missing.status, missing.err })
  end)

  it("stores no key that is refused, and none that is empty", function()
    local status, out = run_with("sk_wrong\n", { "auth", "login" }, env)
    assert.equal(1, status)
    assert.matches("INVALID_API_KEY", out)
    assert.matches("; the key was not stored\n$", out)
    assert.is_nil(out:find("sk_wrong", 1, true))
    assert.matches("INVALID_API_KEY", (select(2, run_with("Bearer sk_wrong\n", { "auth", "login" },
      env))))
    status, out = run_with("sk_emulator_1234\n", { "auth", "login" }, env)
    assert.same({ 2, "error: this is the key of an emulator, which ends with it: it was not "
      .. "stored\n" }, { status, out })
    status, out = run_with("", { "auth", "login" }, env)
    assert.equal(2, status)
    assert.matches("give the API key on standard input", out)
    assert.is_nil(require("lfs").attributes(home .. "/.config"))
  end)

  it("sends a GET request and nothing that may cost", function()
    local done = cli.run({ "api", "GET", "/v3/user" }, env)
    assert.equal(1000000, done.json.credit_balance)
    assert.same({ 2, 2, 2 }, {
      cli.run({ "api", "POST", "/v3/user" }, env).status,
      cli.run({ "api", "GET", "https://example.org/v3/user" }, env).status,
      cli.run({ "api", "GET", "/v3/user", "limit" }, env).status,
    })
    assert.equal(1, cli.run({ "api", "GET", "/v3/nothing" }, env).status)
  end)

  it("shows the traffic with NOVITA_DEBUG=http, without the key and without links", function()
    cli.photos(home .. "/anna", 1)
    env.NOVITA_DEBUG = "http"
    local trained = cli.run({ "train", home .. "/anna", "--prompt", "ohwx", "--steps", "100",
      "--poll", "0.1" }, env)
    assert.equal(0, trained.status, trained.err)
    assert.matches("novita http: POST 127.0.0.1:%d+/v3/training/subject %-> 200, %d+ ms, sent %d+ "
      .. "bytes, received %d+\n", trained.err)
    assert.matches("novita http: PUT 127.0.0.1:%d+ %(link%) %-> 200", trained.err)
    assert.is_nil(trained.err:find(service.api_key, 1, true))
    assert.is_nil(trained.err:find("ignature", 1, true))
  end)

  it("waits for a training by its name, if only one has it", function()
    cli.photos(home .. "/berta", 1)
    local function train(...)
      return cli.run({ "train", home .. "/berta", "--prompt", "ohwx", "--steps", "100", "--poll",
        "0.1", ... }, env)
    end
    local trained = train "--json"
    assert.equal(trained.json.model_name,
      cli.run({ "wait", "berta", "--json", "--poll", "0.1" }, env).json.model_name)
    assert.equal(0, train("--again").status)
    local unclear = cli.run({ "wait", "berta", "--poll", "0.1" }, env)
    assert.equal(2, unclear.status)
    assert.matches("2 trainings are named berta: give an id: %x+%-", unclear.err)
  end)

  it("runs a program with an emulator, and ends with its status", function()
    local done = cli.run({ "emulator", "--", "sh", "-c",
      "echo $NOVITA_BASE_URL it\\'s $NOVITA_API_KEY; exit 7" })
    assert.equal(7, done.status, done.err)
    assert.matches("^http://127.0.0.1:%d+ it's sk_emulator_%x+\n$", done.out)
  end)

  it("says in the shell of an emulator that nothing costs money there, and how to leave", function()
    if not tmux.exists() then
      pending "tmux is not installed"
      return
    end
    local terminal = tmux.open(home, 100, 10, cli.command({ "emulator", "--", "sh" }))
    terminal:wait 'nothing costs money here; "exit" ends it'
    terminal:keys "exit Enter"
    terminal:wait "rc 0"
    terminal:close()
  end)

  -- Without --poll, the first poll of an image came after 2 s, at any speed of the emulator.
  it("has a balance in its emulator that falls, and polls it at its speed", function()
    local interpreter = require "support.interpreter"
    local novita = interpreter .. " bin/novita "
    local done = cli.run({ "emulator", "--speed", "50", "--balance", "12.5", "--", "sh", "-c",
      ("%s generate --prompt ohwx --out %s --json && %s balance"):format(novita, home, novita) })
    assert.equal(0, done.status, done.err)
    assert.matches("12.4975 USD", done.out, 1, true)
  end)

  it("lists trainings as a table on a terminal, with tabs elsewhere", function()
    if not tmux.exists() then
      pending "tmux is not installed"
      return
    end
    local empty = cli.run({ "list", "--status", "FAILED" }, env)
    assert.same({ 0, "", "no trainings\n" }, { empty.status, empty.out, empty.err })
    cli.photos(home .. "/a-very-long-name-of-a-person", 1)
    assert.equal(0, cli.run({ "train", home .. "/a-very-long-name-of-a-person", "--prompt", "ohwx",
      "--steps", "100", "--poll", "0.1" }, env).status)
    local line = cli.run({ "list", "--name", "a-very-long-name-of-a-person" }, env).out
    assert.matches("^%x+%-%x+%-a%-very%-long%-name%-of%-a%-person\tSUCCESS\t%d+%-%d%d%-%d%dT"
      .. "%d%d:%d%d:%d%dZ\t%x+%-[%x-]+\tsubject\tmodel_%S+\n$", line)
    local terminal = tmux.open(home, 80, 24, cli.command({ "list", "--limit", "1" }, env))
    terminal:wait "rc 0"
    local screen = table.concat(terminal:lines(), "\n")
    terminal:close()
    assert.matches("NAME +STATUS +CREATED +TASK ID +TYPE\n", screen)
    assert.matches("\na%-very%-[%w-]*[.…]+[%w-]* +SUCCESS +%w[%w ]* +%x+%-[%x-]+ +subject\n",
      screen)
  end)
end)
