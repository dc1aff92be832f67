-- Text from outside for a terminal, for JSON, and in columns.

local json = require "novita.cli.json"
local printable = require "novita.base.printable"

describe("printable text", function()
  it("has no control characters, of any kind", function()
    local evil = "a\27[31mb\0c\7d\155e\u{9B}f\u{202E}g\u{200B}h\127i\u{FEFF}"
    local text = printable.text(evil)
    assert.equal("a\\x1B[31mb\\x00c\\x07d\\x9Be\\x9Bf\\u{202E}g\\u{200B}h\\x7Fi\\u{FEFF}", text)
  end)

  it("is one line", function()
    assert.equal("a b c", printable.text "a\nb\tc")
  end)

  it("keeps other scripts, or replaces them if the terminal has only ASCII", function()
    assert.equal("Zoë 安娜", printable.text "Zoë 安娜")
    assert.equal("Zo? ??", printable.text("Zoë 安娜", true))
  end)

  it("shows bytes that are not UTF-8", function()
    assert.equal("a\\xFFb\\xC3", printable.text "a\255b\xC3")
  end)

  it("is measured in columns", function()
    assert.equal(8, printable.columns "Zoë 安娜")
    assert.equal(1, printable.columns "e\u{301}")
  end)

  it("is cut to columns, never inside a character", function()
    assert.equal("Zoë …", printable.clip("Zoë 安娜", 6))
    assert.equal("Zoë 安…", printable.clip("Zoë 安娜", 7))
    assert.equal("abc...", printable.clip("abcdefgh", 6, true))
    assert.equal("", printable.clip("abc", 0))
    assert.equal("abc", printable.clip("abc", 3))
  end)

  it("is cut in its middle, where names differ least", function()
    assert.equal("IMG_2….jpg", printable.clip_middle("IMG_20240714_123456.jpg", 10))
    assert.equal("IMG_2024...23456.jpg", printable.clip_middle("IMG_20240714_123456.jpg", 20, true))
    assert.equal("日…語", printable.clip_middle("日本語日本語", 5))
    assert.equal("anna", printable.clip_middle("anna", 4))
    local accents = ("e\u{301}"):rep(20)
    assert.equal("e\u{301}e\u{301}…e\u{301}", printable.clip_middle(accents, 4))
  end)
end)

describe("JSON for programs", function()
  it("is in order, with empty lists as lists", function()
    assert.equal('{"a":[],"b":1,"c":{"d":true}}',
      json.encode { b = 1, a = json.list {}, c = { d = true } })
  end)

  it("is always UTF-8", function()
    assert.equal('"a\u{FFFD}\\u001b"', json.encode "a\255\27")
  end)

  it("has only numbers that JSON has", function()
    assert.equal("[null,1.5,3]", json.encode { math.huge, 1.5, 3.0 })
  end)
end)
