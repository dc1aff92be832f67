--- Text for a font that has only printable ASCII: drops accents, replaces other characters by a
--- question mark, and breaks lines.

local plain_text = {}

local letters = {
  A = "ÀÁÂÃÄÅĀĂĄ", C = "ÇĆČ", D = "ÐĎ", E = "ÈÉÊËĒĖĘĚ", G = "Ğ", I = "ÌÍÎÏĪİ", L = "Ł",
  N = "ÑŃŇ", O = "ÒÓÔÕÖØŌŐ", R = "Ř", S = "ŚŞŠ", T = "Ť", U = "ÙÚÛÜŪŮŰ", Y = "ÝŸ", Z = "ŹŻŽ",
  a = "àáâãäåāăą", c = "çćč", d = "ðď", e = "èéêëēėęě", g = "ğ", i = "ìíîïīı", l = "ł",
  n = "ñńň", o = "òóôõöøōő", r = "ř", s = "śşš", t = "ť", u = "ùúûüūůű", y = "ýÿ", z = "źżž",
  ss = "ß", AE = "Æ", ae = "æ", OE = "Œ", oe = "œ", ["'"] = "‘’", ['"'] = "“”„", ["-"] = "–—",
  ["..."] = "…",
}

local fold = {}
for plain, list in pairs(letters) do
  for _, code in utf8.codes(list) do
    fold[utf8.char(code)] = plain
  end
end

--- Converts any text to printable ASCII, with single blanks for white space.
---@param text string
---@return string
function plain_text.fold(text)
  text = text:gsub("[%c%s]+", " ")
  if utf8.len(text) then
    text = text:gsub("[\xc2-\xf4][\x80-\xbf]+", function(character)
      return fold[character] or "?"
    end)
  end
  return (text:gsub("[\x7f-\xff]", "?"))
end

--- Cuts a text to `width` characters by leaving out its middle.
---@param text string
---@param width integer >= 5
---@return string
function plain_text.shorten(text, width)
  if #text <= width then
    return text
  end
  local tail = (width - 2) // 2
  return text:sub(1, width - 2 - tail) .. ".." .. text:sub(-tail)
end

-- How many characters all texts have in common at their beginning.
local function common(texts)
  local length = #texts[1]
  for _, text in ipairs(texts) do
    while text:sub(1, length) ~= texts[1]:sub(1, length) do
      length = length - 1
    end
  end
  return length
end

local function reversed(texts)
  local list = {}
  for i, text in ipairs(texts) do
    list[i] = text:reverse()
  end
  return list
end

-- A part of a text, `width` characters with the dots, that has the characters `from` to `to`.
local function window(text, from, to, width)
  local spare = width - 4 - (to - from + 1)
  local first = math.max(1, from - spare // 2)
  if first <= 3 then
    return text:sub(1, width - 2) .. ".."
  elseif first + width - 5 >= #text - 2 then
    return ".." .. text:sub(-(width - 2))
  end
  return ".." .. text:sub(first, first + width - 5) .. ".."
end

--- Cuts texts to `width` characters. Leaves out first what all of them have in common at their
--- beginning and end, so that they still differ.
---@param texts string[]
---@param width integer >= 9
---@return string[]
function plain_text.shorten_all(texts, width)
  local list, before = {}, texts[2] and common(texts) or 0
  local after = texts[2] and common(reversed(texts)) or 0
  for i, text in ipairs(texts) do
    local from, to = before + 1, #text - after
    local fits = texts[2] and to - from + 1 <= width - 4 and from <= to
    list[i] = #text > width and fits and window(text, from, to, width)
      or plain_text.shorten(text, width)
  end
  return list
end

-- Where to break a text that is longer than a line: at a blank, or within a long word.
local function line_end(text, width)
  for i = width + 1, width // 2, -1 do
    if text:sub(i, i) == " " then
      return i - 1
    end
  end
  return width
end

--- Wraps a text to at most `most` lines of `width` characters. The last line ends with ".." if text
--- is left out.
---@param text string
---@param width integer >= 5
---@param most integer
---@return string[]
function plain_text.wrap(text, width, most)
  local lines = {}
  text = text:match "^%s*(.-)%s*$"
  while text ~= "" and #lines < most do
    local stop = #text <= width and #text or line_end(text, width)
    lines[#lines + 1] = text:sub(1, stop)
    text = text:sub(stop + 1):gsub("^%s+", "")
  end
  if text ~= "" and most > 0 then
    lines[most] = lines[most]:sub(1, width - 2) .. ".."
  end
  return lines
end

return plain_text
