--- The codes of errors: docs/errors.md lists those that the code makes, and no others.

local error_codes = require "novita.http.error_codes"

-- Their errors do not reach a script, or are given other words on the way.
local ELSEWHERE <const> = { "/emulator/", "/server/", "/service/", "/playground/", "/cli/",
  "csrc/sqlite/" }

-- How errors are made: each has a code in quotes.
local MADE <const> = { 'NOVITA_ERROR_%u+,%s*"([%w_]+)"', '[Ff]ail%("([%w_]+)"',
  'failure%("([%w_]+)"', 'failure%(self, "%l+", "([%w_]+)"', 'unusable%("([%w_]+)"',
  'refusal%(run, "([%w_]+)"', 'break_off%(self, "([%w_]+)"',
  'PROXY_REFUSED "([%w_]+)"', 'CODE <const> = "([%w_]+)"' }

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function is_elsewhere(path)
  for _, folder in ipairs(ELSEWHERE) do
    if path:find(folder, 1, true) then return true end
  end
  return false
end

local function sources()
  local pipe <close> = assert(io.popen "find csrc lua -name '*.[ch]' -o -name '*.lua'")
  local texts = {}
  for path in pipe:lines() do
    if not is_elsewhere(path) then texts[#texts + 1] = read(path) end
  end
  return table.concat(texts, "\n")
end

local function made(text)
  local set = {}
  for _, pattern in ipairs(MADE) do
    for code in text:gmatch(pattern) do set[code] = true end
  end
  for fields in text:gmatch "%f[%w]%l*%.new%s*(%b{})" do
    for code in fields:gmatch 'kind = "%l+",%s*code = "([%w_]+)"' do set[code] = true end
  end
  for reason in pairs(error_codes.known) do set[reason] = true end
  return set
end

local function documented()
  local set = {}
  for row in read("docs/errors.md"):match("\n## Codes\n(.-)\n## "):gmatch "\n(|[^\n]*)" do
    for code in row:match("^|[^|]*|([^|]*)|"):gmatch "`([%w_]+)`" do set[code] = true end
  end
  return set
end

describe("the codes of errors", function()
  local text, listed = sources(), documented()
  local known = made(text)

  it("are documented, each of them", function()
    local missing = {}
    for code in pairs(known) do
      if not listed[code] then missing[#missing + 1] = code end
    end
    table.sort(missing)
    assert.same({}, missing)
  end)

  it("are documented only if the code makes them", function()
    local unknown = {}
    for code in pairs(listed) do
      if not known[code] and not text:find(('"%s"'):format(code), 1, true)
        and not code:find "^HTTP_" and not code:find "^CLOUDFLARE_" then
        unknown[#unknown + 1] = code
      end
    end
    table.sort(unknown)
    assert.same({}, unknown)
  end)
end)
