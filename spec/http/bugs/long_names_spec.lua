--- A file whose name is almost as long as names may be could not be downloaded, because the name of
--- the partial file was too long. And an error about a long path was cut before its reason, in the
--- middle of a character.

local core = require "novita.core"
local errors = require "novita.base.error"
local support = require "support.client"

local LONGEST <const> = 255 -- bytes of a name

describe("a name as long as names may be", function()
  local service, client, folder

  before_each(function()
    service, folder = support.service { model_bytes = 5000 }, support.folder()
    client = support.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
    getmetatable(folder).__close()
  end)

  for what, letter in pairs { ASCII = "a", ["UTF-8"] = "é", ["longer letters"] = "鳥" } do
    local name = letter:rep(LONGEST // #letter - 1) .. ("x"):rep(LONGEST % #letter) .. "."

    it("is the name of an image: " .. what, function()
      local path = ("%s/%s"):format(folder.path, name)
      local generated = support.generated_image(client)
      assert.equal(path, generated:save(path))
      assert.same({ name }, folder.list())
    end)

    it("is the name of a model, whose download resumes: " .. what, function()
      local path = ("%s/%s"):format(folder.path, name)
      client.models.range = 1000
      local task = client:attach { task_id = support.training(client), task_type = "subject" }
      local model = assert(task:wait())
      service:fault { kind = "status", status = 400, route = "model-file", skip = 3 }
      assert.is_nil((model:save(path)))
      service:clear_faults()
      local before = #support.requests(service, "model-file")
      assert.equal(path, model:save(path))
      assert.equal(before + 2, #support.requests(service, "model-file"))
      assert.same({ name }, folder.list())
    end)
  end
end)

describe("an error about a long path", function()
  for what, letter in pairs { ASCII = "a", ["UTF-8"] = "é", ["longer letters"] = "鳥",
    ["four bytes"] = "🐦" } do
    it("begins with the path and ends with the reason: " .. what, function()
      for shift = 0, 3 do
        local _, err = core.part_file("/tmp/" .. ("x"):rep(shift) .. letter:rep(400))
        assert.is_not_nil(utf8.len(err.message), err.message)
        assert.matches("cannot write '/tmp/x*" .. letter, err.message)
        assert.matches(letter .. "': File name too long$", err.message)
      end
    end)
  end

  it("may have bytes that are not UTF-8", function()
    local _, err = core.part_file("/tmp/" .. ("\xE9\x80"):rep(400))
    assert.matches("cannot write '/tmp/\xE9.*': File name too long$", err.message)
  end)
end)

describe("an error about an odd name", function()
  it("has no characters that change a terminal or the direction of writing", function()
    for _, code in ipairs { 0x07, 0x1B, 0x7F, 0x85, 0x9B, 0x61C, 0x200E, 0x200F, 0x2028, 0x202E,
      0x2066, 0x2069 } do
      local mark = utf8.char(code)
      local _, err = core.part_file("/none/a" .. mark .. "b")
      assert.equal("cannot write '/none/a b': No such file or directory", err.message)
      err = errors.new { kind = "file", message = "a" .. mark .. "b" }
      assert.equal("a b", err.message)
    end
    local _, err = core.part_file "/none/né\u{2010}\u{200D}鳥"
    assert.matches("'/none/né\u{2010}\u{200D}鳥': No such", err.message, 1, true)
  end)

  it("is UTF-8 although a page of a gateway is cut", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { retry = { attempts = 1 } })
    for shift = 0, 2 do
      service:fault { kind = "status", status = 404, route = "*",
        body = "<p>" .. ("x"):rep(shift) .. ("鳥"):rep(100) .. "</p>" }
      local _, err = client.account:get()
      assert.matches("鳥鳥鳥%.%.%.", err.message)
    end
  end)
end)
