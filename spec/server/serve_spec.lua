--- `novita serve` as a program, with a fake trainer.

local cli = require "support.cli"
local fake = require "server.fake_trainers"
local helper = require "support.emulator"
local program = require "support.server.program"
local support = require "support.client"

describe("novita serve", function()
  it("trains for those who have a key, and ends on SIGTERM", function()
    local folder <close> = support.folder()
    local data = program.prepare(folder.path)
    local added = program.run(data, "key", "add", "anna")
    local key = added.out:match "^(sk_%x+)\n$"
    assert.is_string(key, added.err)
    local again = program.run(data, "key", "add", "anna")
    assert.same({ 1, "" }, { again.status, again.out })
    assert.matches("cannot be shown again: remove it first", again.err)
    for _, name in ipairs { "server.db", "server.db-wal", "lock" } do
      assert.is_nil((support.read(data .. "/" .. name) or ""):find(key, 1, true))
    end

    local server <close> = program.with_trainer(folder.path,
      ("cp %s/model out/m.safetensors"):format(folder.path))
    local client <close> = server:client(key)
    local model = assert(client:train(program.params()):wait(60))
    assert.equal(fake.model, support.read(assert(model:save(folder.path .. "/m.safetensors"))))

    -- the body of a request that will be refused is not kept
    local body = folder.path .. "/body"
    assert(os.execute("truncate -s 30M " .. body))
    local before = server:peak()
    for path, status in pairs { ["/v3/training/subject"] = 403, ["/no/such/route"] = 404,
      ["/control/cancel/0"] = 403 } do
      local response
      for _ = 1, 5 do -- curl that still sends may find the connection closed before it reads
        response = helper.curl("-X", "POST", "-H", "Authorization: Bearer " .. key:upper(),
          "--data-binary", "@" .. body, server.url .. path)
        if response.status ~= 0 then break end
      end
      assert.equal(status, response.status)
      assert.is_true(status ~= 403 or response.seconds >= 1) -- who guesses has to wait
    end
    if not os.getenv "NOVITA_SANITIZED" then -- where memory that was freed stays
      assert.is_true(server:peak() - before < 15e6)
    end

    local ben = program.run(data, "key", "add", "ben", "--queue-limit", "3", "--json").json
    local other <close> = server:client(ben.key)
    assert.is_nil(other.trainings:list():first())
    local listed = program.run(data, "key", "list", "--json").json.keys
    assert.same({ "anna", 1, "ben", 0, 3 }, { listed[1].name, listed[1].trainings, listed[2].name,
      listed[2].trainings, listed[2].queue_limit })
    assert.is_nil(listed[1].queue_limit)
    assert.equal(0, program.run(data, "key", "remove", "ben").status)
    local _, err = other.trainings:list():first()
    assert.equal(403, err.status)
    assert.equal(2, program.run(data, "key", "remove", "ben").status)

    assert.equal(0, server:stop().status)
  end)

  it("checks everything with --check, and trains two steps with --train", function()
    local folder <close> = support.folder()
    local data = program.prepare(folder.path)
    local models = folder.path .. "/real.json"
    cli.write(models, ('{"v1-5-pruned-emaonly":{"path":"%s/model","family":"sd15"}}'):format(
      folder.path))
    local script = ("sh -c 'cp %s/model out/m.safetensors; cp params.json %s' sh"):format(
      folder.path, folder.path)
    local checked = program.run(data, "--models", models, "--trainer", script, "--check", "--train")
    assert.equal(0, checked.status, checked.out .. checked.err)
    assert.matches("\nok    training 2 steps of v1%-5%-pruned%-emaonly in %d+ s", checked.out)
    assert.matches("\nwarn  keys     no key\n", checked.out)
    assert.matches('"max_train_steps":2[,}]', support.read(folder.path .. "/params.json"))
    assert.is_nil(require("lfs").attributes(data .. "/check"))
    local failed = program.run(data, "--models", folder.path .. "/models.json", "--trainer",
      "/opt/nowhere/train", "--check", "--json", "--generator", "http://127.0.0.1:1")
    assert.same({ 1, 3 }, { failed.status, failed.json.failed })
    assert.equal("--train needs --check", program.run(data, "--train").err:match "%-%-train n.*%l")
  end)

  it("has the options that the unit of systemd uses", function()
    local unit = support.read "examples/server/novita-server.service"
    local help = cli.run({ "serve", "--help" }).out
    local count = 0
    for name in unit:match("\nExecStart=(.-[^\\])\n"):gmatch "%s(%-%-%l[%l-]*)" do
      assert.truthy(help:find("\n   " .. name .. " ", 1, true), name)
      count = count + 1
    end
    assert.equal(6, count)
  end)

  it("splits the command of a trainer as a shell does, without expansions", function()
    local words_of = require "novita.cli.serve.words"
    for text, expected in pairs {
      ["train"] = { "train" }, [" a  b\tc "] = { "a", "b", "c" }, [""] = {},
      [ [['a b' "c 'd'" e\ f]] ] = { "a b", "c 'd'", "e f" },
      [ [[--x='y z'"w" $HOME *]] ] = { "--x=y zw", "$HOME", "*" }, [ [['']] ] = { "" },
    } do
      assert.same(expected, words_of(text))
    end
    for _, text in ipairs { "'a", '"a', "a\\" } do
      local ok, wrong = pcall(words_of, text)
      assert.is_false(ok)
      assert.matches("a quote in .* has no end", tostring(wrong))
    end
  end)

  it("says what is missing", function()
    local folder <close> = support.folder()
    local data = program.prepare(folder.path)
    assert.matches("%-%-trainer is missing", program.run(data).err)
    local models = folder.path .. "/models.json"
    local function refusal(...)
      local refused = program.run(data, "--trainer", "true", "--models", models, ...)
      assert.equal(2, refused.status, refused.err)
      return refused.err
    end
    assert.matches("the address 192.0.2.1 needs a certificate", refusal("--address", "192.0.2.1"))
    assert.matches("needs %-%-public%-url", refusal("--address", "0.0.0.0"))
    assert.matches("certificate and key must be given together", refusal("--certificate", "x"))
    assert.matches("is not the folder of a server", program.run(data, "key", "list").err)
    -- only the C modules of another rock: LuaRocks may install all Lua files with any of them
    local core = assert(package.searchpath("novita.core", package.cpath))
    assert(os.execute(("mkdir -p %s/novita && ln -s $(realpath %s) %s/novita/"):format(folder.path,
      core, folder.path)))
    local paths = { folder.path .. "/?.so" }
    for path in package.cpath:gmatch "[^;]+" do
      if path:find "^/" and not package.searchpath("novita.core", path) then
        paths[#paths + 1] = path
      end
    end
    local alone = cli.run({ "serve", "key", "list" }, { LUA_CPATH = table.concat(paths, ";") })
    assert.same({ 2, "error: the server is a separate rock: luarocks install novita-server\n" },
      { alone.status, alone.err:match "^[^\n]*\n" })
  end)
end)
