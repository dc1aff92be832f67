local format = require "novita.schema.format"
local novita = require "novita"
local options = require "novita.client.options"
local fixtures = require "support.fixtures"

local fails = fixtures.fails

local function with(change)
  local all = { api_key = "sk_x", base_url = "http://127.0.0.1:1" }
  for name, value in pairs(change) do all[name] = value end
  return all
end

-- The error for these options, without its position, which must be this file.
local function wrong(change)
  local message = fails("options_spec.lua:%d+: ", function()
    novita.client(with(change))
  end)
  assert.is_nil(message:find "\n")
  return message:match "options_spec.lua:%d+: (.*)"
end

local ranges = {
  { "connections", 1, 256, integer = true }, { "uploads", 1, 256, integer = true },
  { "connect_timeout", 0.001, 3600 }, { "call_timeout", 0.001, 86400 },
  { "paid_timeout", 0.001, 86400 },
  { "retry.attempts", 1, 1000, integer = true }, { "retry.min", 0, 3600 },
  { "retry.max", 0, 86400 },
  { "poll.first", 0, 86400 }, { "poll.min", 0, 86400 }, { "poll.max", 0, 86400 },
  { "poll.rate", 0.001, 1e12 }, { "poll.not_found_grace", 0, 86400 },
  { "poll.unknown_timeout", 0, 1e9 }, { "poll.timeout", 0.001,
    3600 },
}

local function as_option(name, value)
  local group, inner = name:match "^(%l+)%.([%l_]+)$"
  if not group then return { [name] = value } end
  -- min and max limit each other, so both are given
  local other = ({ min = { max = 86400 }, max = { min = 0 } })[inner] or {}
  other[inner] = value
  return { [group] = other }
end

it("a client polls an emulator, known by its key, at its speed", function()
  local read = require("novita.client.options").read
  local polls = read { api_key = "sk_emulator_1" }
  assert.same({ 0.25, 0.25, 0.25 }, { polls.poll_first, polls.poll_min, polls.poll_max })
  polls = read { api_key = "sk_emulator_1", poll = { max = 9 } }
  assert.same({ 2, 2, 9 }, { polls.poll_first, polls.poll_min, polls.poll_max })
  polls = read { api_key = "sk_1" }
  assert.same({ 2, 2, 60 }, { polls.poll_first, polls.poll_min, polls.poll_max })
end)

describe("an option's range", function()
  for _, rule in ipairs(ranges) do
    local name, least, most = rule[1], rule[2], rule[3]
    local expected = ("%s must be %s from %.14g to %.14g, got "):format(name,
      rule.integer and "an integer" or "a number", least, most)

    it(name .. " accepts its limits", function()
      for _, value in ipairs { least, most } do
        local client <close> = novita.client(with(as_option(name, value)))
        assert.is_truthy(client)
      end
    end)

    it(name .. " rejects other values, naming the option, its range and the value", function()
      for _, value in ipairs { least - 1, most + 1, 0 / 0, "8", true, {} } do
        local message = wrong(as_option(name, value))
        assert.equal(expected .. format.value(value), message)
      end
    end)

    if rule.integer then
      it(name .. " must be an integer", function()
        assert.equal(expected .. "2.5", wrong(as_option(name, 2.5)))
      end)
    end
  end

  it("poll.min is at most poll.max", function()
    assert.equal("poll.min must be <= poll.max (1), got 5",
      wrong { poll = { min = 5, max = 1 } })
    assert.equal("poll.min must be <= poll.max (60), got 100",
      wrong { poll = { min = 100 } })
  end)
end)

describe("other options", function()
  it("are rejected by name if unknown", function()
    assert.equal("conections is not an option of a client: did you mean connections?",
      wrong { conections = 4 })
    assert.equal("retry.atempts is not an option of retry: did you mean retry.attempts?",
      wrong { retry = { atempts = 4 } })
    assert.equal("poll must have string keys, got the key 1", wrong { poll = { 4 } })
    assert.equal("the options of a client must have string keys, got the key 1", wrong { "sk_x" })
    assert.equal("retry must be a table, got 5", wrong { retry = 5 })
    assert.equal("the options of a client must be a table, got 5",
      fails("the options of", novita.client, 5):match "the options.*")
  end)

  it("must be strings where strings are expected", function()
    for _, name in ipairs { "key_file", "base_url", "ca_file", "user_agent" } do
      assert.equal(name .. " must be a string, got true", wrong { [name] = true })
    end
    assert.equal("api_key must be a string, got a boolean", wrong { api_key = true })
    assert.equal('log must be a function, got "x"', wrong { log = "x" })
  end)

  it("do not print what may be the key", function()
    for _, given in ipairs { { api_key = 12345678 }, "sk_12345678", { "sk_12345678" } } do
      assert.is_nil(fails(" must ", novita.client, given):find "12345678")
    end
  end)

  it("cannot break a header line", function()
    assert.equal("user_agent must not have control characters in it",
      wrong { user_agent = "a\r\nX: y" })
    for _, key in ipairs { "sk_a\nb", "sk a", "sk_\0", ("x"):rep(401) } do
      local message = wrong { api_key = key }
      assert.matches("the API key has blanks or control characters in it, or is too long", message)
      assert.is_nil(message:find(key, 1, true))
    end
    assert.matches("no API key: run novita auth login, or set NOVITA_API_KEY",
      wrong { api_key = "" })
  end)

  it("reject an invalid base_url by name", function()
    for _, url in ipairs { "", "ftp://host", "host", "http://example.com", "https://",
      "https://a b", "https://user:pw@host", "https://host\0.evil", "https://host:99999" } do
      assert.matches("^base_url", wrong { base_url = url }, url)
    end
  end)

  it("read the key from a file that only its owner can read", function()
    local path = os.tmpname()
    local function write(text, mode)
      local file <close> = assert(io.open(path, "w"))
      file:write(text)
      os.execute(("chmod %s %s"):format(mode, path))
    end
    local function read(code)
      return fixtures.program('local o = require "novita.client.options"\n' .. code,
        "env HOME=/nowhere XDG_CONFIG_HOME=/nowhere NOVITA_API_KEY=sk_env")
    end
    write(" sk_file\n", "600")
    assert.equal("sk_file\n", read(("print(o.read { key_file = %q }.key)"):format(path)))
    assert.equal("sk_own\n",
      read(("print(o.read { api_key = 'sk_own', key_file = %q }.key)"):format(path)))
    write("sk_file", "644")
    local refused = fails("options_spec.lua:%d+: ", function()
      novita.client { key_file = path }
    end)
    assert.matches("key_file: others can read " .. path:gsub("%p", "%%%0"), refused)
    os.remove(path)
    assert.matches("key_file: .*", fails("options_spec.lua:%d+: ", function()
      novita.client { key_file = path }
    end))
  end)

  it("read the command line's key file without anything else", function()
    local home = os.tmpname()
    os.remove(home)
    assert(os.execute(("mkdir -p %s/novita && printf sk_home > %s/novita/key && "
      .. "chmod 600 %s/novita/key"):format(home, home, home)))
    local code = 'print(require("novita.client.options").read {}.key)'
    local set = "env -u NOVITA_API_KEY XDG_CONFIG_HOME=" .. home
    assert.equal("sk_home\n", (fixtures.program(code, set)))
    assert.equal("sk_env\n", (fixtures.program(code, set .. " NOVITA_API_KEY=sk_env")))
    os.execute("rm -r " .. home)
  end)

  it("have defaults", function()
    local made = options.read { api_key = "sk_x", base_url = "https://host/" }
    assert.equal("https://host", made.base_url)
    assert.same({ 16, 8, 10, 60, 120 }, { made.connections, made.uploads, made.connect_timeout,
      made.call_timeout, made.paid_timeout })
    assert.same({ 8, 0.5, 30 }, { made.retry_attempts, made.retry_min, made.retry_max })
    assert.same({ 2, 2, 60, 20, 60, 86400, 30 }, { made.poll_first, made.poll_min, made.poll_max,
      made.poll_rate, made.poll_not_found_grace, made.poll_unknown_timeout, made.poll_timeout })
    assert.matches("^novita%-lua/%d", made.user_agent)
    assert.matches("^mine/1 novita%-lua/%d",
      options.read(with { user_agent = "mine/1" }).user_agent)
  end)

  it("come from the environment, and explicit options take precedence", function()
    local output = fixtures.program([[
      local options = require "novita.client.options"
      local made = options.read {}
      print(made.key, made.base_url)
      made = options.read { api_key = "sk_mine", base_url = "https://mine" }
      print(made.key, made.base_url)
    ]], "env NOVITA_API_KEY=sk_env NOVITA_BASE_URL=https://env.example/")
    assert.equal("sk_env\thttps://env.example\nsk_mine\thttps://mine\n", output)
    output = fixtures.program([[local options = require "novita.client.options"
      print(options.read { api_key = "k" }.base_url)]],
      "env -u NOVITA_BASE_URL")
    assert.equal("https://api.novita.ai\n", output)
  end)

  it("never show the key", function()
    local client <close> = novita.client(with { api_key = "sk_secret_123" })
    local seen = {}
    local function look(value)
      if type(value) == "string" then assert.is_nil(value:find("sk_secret", 1, true)) end
      if type(value) ~= "table" or seen[value] then return end
      seen[value] = true
      for key, inner in pairs(value) do look(key) look(inner) end
    end
    look(client)
    assert.is_nil(tostring(client):find("sk_secret", 1, true))
  end)
end)
