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
