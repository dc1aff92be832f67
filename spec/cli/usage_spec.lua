-- Rules for every command: help, wrong use, the key, exit statuses, JSON.

local cli = require "support.cli"
local parser = require "novita.cli.parser"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("every command", function()
  it("is in the general help", function()
    local all = cli.run { "--help" }
    assert.equal(0, all.status)
    for _, name in ipairs(parser.names) do
      has(all.out, "\n   " .. name .. " ")
    end
  end)

  for _, name in ipairs(parser.names) do
    it(name .. " has a help with examples, within 80 columns", function()
      local help = cli.run { name, "--help" }
      assert.equal(0, help.status)
      has(help.out, "Examples:\n  ")
      has(help.out, "novita " .. name)
      for text in help.out:gmatch "[^\n]+" do
        assert.is_true(#text <= 90, text)
      end
    end)

    it(name .. " refuses an option that is not there with status 2", function()
      local refused = cli.run { name, "--no-such-option" }
      assert.equal(2, refused.status)
      assert.equal("", refused.out)
      has(refused.err, "error: ")
      has(refused.err, ("Try: novita %s --help"):format(name))
    end)
  end
end)

describe("the command line", function()
  it("prints its version", function()
    assert.equal("novita " .. require("novita.core").version .. "\n", cli.run({ "--version" }).out)
    assert.equal(require("novita.core").version, cli.run({ "version", "--json" }).json.version)
  end)

  it("has headings if its options, or the commands, are many", function()
    local function headings_of(...)
      local titles = {}
      for title in cli.run { ... }.out:gmatch "\n\n(%u[%a ]+):\n" do
        titles[#titles + 1] = title
      end
      return titles
    end
    assert.same({ "Options", "First steps", "Photos and training", "Images and models", "Batches",
      "Your own server", "Account and program" }, headings_of "--help")
    assert.same({ "Arguments", "Most used", "Photos", "Training", "Money", "Models and images",
      "Run", "Account", "Output", "Examples" }, headings_of("train", "--help"))
    assert.same({ "Arguments", "Options", "Examples" }, headings_of("status", "--help"))
  end)

  it("loads no command and not the core for the general help", function()
    local loaded = os.tmpname()
    cli.write(loaded, [[
      os.exit = function()
        for name in pairs(package.loaded) do
          io.stderr:write(name, "\n")
        end
      end]])
    local all = cli.run({ "--help" }, { LUA_INIT_5_4 = "@" .. loaded })
    os.remove(loaded)
    has(all.err, "novita.cli.parser\n")
    assert.is_nil(all.err:find "novita%.core")
    assert.is_nil(all.err:find "novita%.cli%.commands")
  end)

  it("without a command says what is missing", function()
    local refused = cli.run {}
    assert.equal(2, refused.status)
    has(refused.err, "a command is required")
  end)

  it("refuses options that would do nothing", function()
    for option, words in pairs {
      ["--samples-prompt needs --samples"] = { "resume", "Makefile", "--samples-prompt", "x" },
      ["--samples-count needs --samples"] = { "resume", "Makefile", "--samples-count", "2" },
      ["--out is for --task-type image"] = { "wait", "id", "--out", "x", "--task-type",
        "subject" },
    } do
      local refused = cli.run(words, { NOVITA_API_KEY = "sk_x" })
      assert.equal(2, refused.status)
      has(refused.err, "error: " .. option)
    end
  end)

  it("asks for a folder if photos are given", function()
    local photos = { "examples/photos/dogs.jpg", "examples/photos/drum.jpg" }
    has(cli.run({ "check", photos[1], photos[2] }).err,
      "examples/photos/dogs.jpg is a file: novita check takes the folders of photos")
    has(cli.run({ "train", photos[1], photos[2], "--prompt", "x" }).err,
      "Give the folder of the photos, not each photo")
  end)

  it("checks the folder for images before it waits", function()
    local refused = cli.run({ "wait", "id", "--task-type", "image", "--out", "/dev/null/x" },
      { NOVITA_API_KEY = "sk_x", NOVITA_BASE_URL = "http://127.0.0.1:1" })
    assert.equal(2, refused.status)
    has(refused.err, "/dev/null/x is not a folder and cannot be created: "
      .. "/dev/null is a char device")
  end)

  it("suggests the closest word", function()
    has(cli.run({ "trian" }).err, "Did you mean 'train'?")
  end)

  it("shows wrong words without their escape sequences", function()
    local refused = cli.run { "\27[2Jtrain" }
    assert.is_nil(refused.err:find "\27")
    has(refused.err, "\\x1B[2Jtrain")
  end)

  it("prints completions that name every command", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local script = cli.run { "completion", shell }
      assert.equal(0, script.status)
      for _, name in ipairs(parser.names) do
        has(script.out, name)
      end
    end
  end)

  it("matches the manual page", function()
    local interpreter = require "support.interpreter"
    local pipe = assert(io.popen(interpreter .. " tools/docs/manual.lua --check"))
    assert.equal("", pipe:read "a")
    assert.is_true(pipe:close())
  end)

  describe("prints a completion that", function()
    local folder
    before_each(function()
      folder = cli.folder()
      for _, shell in ipairs { "bash", "zsh", "fish" } do
        cli.write(folder .. "/" .. shell, cli.run({ "completion", shell }).out)
      end
    end)
    after_each(function()
      cli.remove(folder)
    end)

    local function exists(program)
      return os.execute("command -v " .. program .. " >/dev/null 2>&1") == true
    end

    local function output(command, ...)
      local pipe <close> = assert(io.popen(command:format(...)))
      return (pipe:read("a"):gsub("%s+", " "):gsub(" $", ""))
    end

    local cases = {
      { "novita tr", "train" },
      { "novita train --task-ty", "--task-type" },
      { "novita train --task-type ", "style subject" },
      { "novita resume run.db --retry ", "canceled failed models needs_review samples" },
      { "novita status --wa", "--watch" },
    }

    it("bash understands", function()
      cli.write(folder .. "/try", ([==[
        source %s/bash
        read -ra COMP_WORDS <<<"$1"
        [[ $1 = *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _novita
        printf '%%s\n' "${COMPREPLY[@]}" | sort]==]):format(folder))
      for _, case in ipairs(cases) do
        assert.equal(case[2], output("bash %s/try '%s'", folder, case[1]), case[1])
      end
    end)

    it("fish understands", function()
      if not exists "fish" then
        return pending "fish is missing: apt-get install fish"
      end
      for _, case in ipairs(cases) do
        local found = output("mkdir -p %s/empty; cd %s/empty; HOME=%s fish -N -c "
          .. "\"source ../fish; complete -C '%s'\" | cut -f1 | sort", folder, folder, folder,
          case[1])
        assert.equal(case[2], found, case[1])
      end
    end)

    it("zsh can read", function()
      if not exists "zsh" then
        return pending "zsh is missing: apt-get install zsh"
      end
      assert.is_true(os.execute("zsh -n " .. folder .. "/zsh"))
    end)
  end)

  it("has its exit statuses in the manual, in docs/cli.md and in the help", function()
    local file <close> = assert(io.open "docs/cli.md")
    local page, help = file:read "a", cli.run({ "--help" }).out
    local manual <close> = assert(io.open "docs/novita.1")
    local man = manual:read "a"
    for _, meaning in ipairs(require("novita.cli.exit_status").meanings) do
      local number = ("%d"):format(meaning[1])
      assert.truthy(page:find("\n| [^|]*%f[%d]" .. number .. "%f[%D][^|]*|"), number)
      assert.truthy(man:find("\n" .. number .. "\n", 1, true)
        or man:find("%f[%d]" .. number .. "%f[%D]"), number)
      assert.truthy(help:find("%f[%d]" .. number .. "%f[%D]"), number)
    end
  end)
end)

describe("the key", function()
  local folder
  before_each(function()
    folder = cli.folder()
  end)
  after_each(function()
    cli.remove(folder)
  end)

  local nowhere = "http://127.0.0.1:9"

  it("is requested with both places for it", function()
    local refused = cli.run { "balance" }
    assert.equal(2, refused.status)
    has(refused.err, "NOVITA_API_KEY")
    has(refused.err, "/nonexistent/.config/novita/key")
  end)

  it("is not read from a file that others can read", function()
    cli.write(folder .. "/key", "sk_secret\n")
    os.execute("chmod 644 " .. folder .. "/key")
    local refused = cli.run { "balance", "--key-file", folder .. "/key" }
    assert.equal(2, refused.status)
    has(refused.err, "chmod 600")
    assert.is_nil(refused.err:find "sk_secret")
  end)

  it("is not read from a link to an unsafe file, a pipe or a folder", function()
    cli.write(folder .. "/key", "sk_secret\n")
    os.execute(("cd %s && chmod 640 key && ln -s key link && mkfifo -m 600 pipe && "
      .. "mkdir -m 700 sub && ln -s nowhere dangling"):format(folder))
    for name, why in pairs { link = "chmod 600", pipe = "is not a file", sub = "is not a file",
      dangling = "No such file" } do
      local refused = cli.run { "balance", "--key-file", folder .. "/" .. name }
      assert.equal(2, refused.status, name)
      has(refused.err, "error: key file: ")
      has(refused.err, why)
      assert.is_nil((refused.err .. refused.out):find "sk_secret")
    end
  end)

  it("is not read from another user's file, nor from an empty one", function()
    cli.write(folder .. "/key", "\n")
    os.execute("chmod 600 " .. folder .. "/key")
    has(cli.run({ "balance", "--key-file", folder .. "/key" }).err, "is empty")
    if not os.execute(("chown 12345 %s/key 2>/dev/null"):format(folder)) then
      return pending "only root can give a file away"
    end
    has(cli.run({ "balance", "--key-file", folder .. "/key" }).err, "belongs to another user")
  end)

  it("is read from a file of mode 0600, also through a link", function()
    local service <close> = assert(require("novita.emulator").start { balance = 12500 })
    cli.write(folder .. "/key", service.api_key .. "\n")
    os.execute(("cd %s && chmod 600 key && ln -s key link"):format(folder))
    local words = { "balance", "--key-file", folder .. "/link", "--base-url", service.base_url }
    assert.equal("1.2500 USD available\n", cli.run(words).out)
  end)

  it("is read from the default file", function()
    local service <close> = assert(require("novita.emulator").start { balance = 12500 })
    os.execute("mkdir -p " .. folder .. "/novita")
    cli.write(folder .. "/novita/key", service.api_key)
    os.execute("chmod 600 " .. folder .. "/novita/key")
    local env = { XDG_CONFIG_HOME = folder, NOVITA_BASE_URL = service.base_url }
    assert.equal(0, cli.run({ "balance" }, env).status)
  end)

  it("is not an option", function()
    for _, name in ipairs(parser.names) do
      assert.is_nil(cli.run({ name, "--help" }).out:find "%-%-api%-key")
    end
    local refused = cli.run({ "balance", "--key", "sk_1" }, { NOVITA_BASE_URL = nowhere })
    assert.equal(2, refused.status)
  end)
end)
