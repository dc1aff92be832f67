--- Makes text from servers and file names safe for a terminal: no control characters (an escape
--- sequence could change what the user sees), no characters that change the direction of writing,
--- only valid UTF-8. Also measures text in columns.

local printable = {}

local function is_control(code)
  return code < 0x20
    or code >= 0x7F and code < 0xA0
    or code == 0x61C
    or code >= 0x200B and code <= 0x200F
    or code >= 0x2028 and code <= 0x202E
    or code >= 0x2060 and code <= 0x206F
    or code == 0xFEFF
    or code >= 0xFFF0 and code <= 0xFFFB
    or code >= 0xE0000
end

local function shown(code, plain)
  if code == 0x0A or code == 0x09 then
    return " "
  elseif is_control(code) then
    return code < 0x100 and ("\\x%02X"):format(code) or ("\\u{%X}"):format(code)
  elseif code >= 0x80 and plain then
    return "?"
  end
  return utf8.char(code)
end

-- Calls `each(code, byte)` with a code point, or with a byte that does not start one.
local function walk(text, each)
  local at = 1
  while at <= #text do
    if utf8.len(text, at, at) then
      local code = utf8.codepoint(text, at)
      each(code)
      at = at + #utf8.char(code)
    else
      each(nil, text:byte(at))
      at = at + 1
    end
  end
end

--- Formats a value as one line that is safe for a terminal.
---@param text any
---@param plain? boolean ASCII only
---@return string
function printable.text(text, plain)
  text = tostring(text)
  if not text:find "[^\32-\126]" then
    return text
  end
  local parts = {}
  walk(text, function(code, byte)
    parts[#parts + 1] = code and shown(code, plain) or ("\\x%02X"):format(byte)
  end)
  return table.concat(parts)
end

--- Returns the text as valid UTF-8: invalid bytes become the replacement character.
---@param text string
---@return string
function printable.valid(text)
  if utf8.len(text) then
    return text
  end
  local parts = {}
  walk(text, function(code)
    parts[#parts + 1] = utf8.char(code or 0xFFFD)
  end)
  return table.concat(parts)
end

-- {====== columns ======

local wide = { -- East Asian wide letters and emoji, roughly
  { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0xA4CF }, { 0xA960, 0xA97C },
  { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 },
  { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1F9FF },
  { 0x20000, 0x3FFFD },
}

local combining = { { 0x300, 0x36F }, { 0x1AB0, 0x1AFF }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } }

local function is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then
      return true
    end
  end
  return false
end

local function columns_of(code)
  if code < 0x300 then
    return 1
  elseif is_in(combining, code) then
    return 0
  end
  return is_in(wide, code) and 2 or 1
end

--- The number of columns of a printable text.
---@param text string
---@return integer
function printable.columns(text)
  local count = 0
  for _, code in utf8.codes(text) do
    count = count + columns_of(code)
  end
  return count
end

--- Cuts a printable text to a number of columns; a cut ends with "…", or "..." in ASCII.
---@param text string
---@param most integer columns
---@param plain? boolean ASCII only
---@return string
function printable.clip(text, most, plain)
  if most <= 0 then
    return ""
  elseif printable.columns(text) <= most then
    return text
  end
  local mark = plain and ("..."):sub(1, most) or "…"
  local room, parts = most - (plain and #mark or 1), {}
  for _, code in utf8.codes(text) do
    room = room - columns_of(code)
    if room < 0 then
      break
    end
    parts[#parts + 1] = utf8.char(code)
  end
  return table.concat(parts) .. mark
end

-- Where the last part of a text begins that takes at most `room` columns. It begins with no
-- combining character.
local function tail_of(text, room)
  local at, from = #text + 1, #text + 1
  while at > 1 do
    at = utf8.offset(text, -1, at)
    local columns = columns_of(utf8.codepoint(text, at))
    room = room - columns
    if room < 0 then
      break
    end
    from = columns > 0 and at or from
  end
  return from
end

--- Cuts a printable text to a number of columns, in its middle: names often differ at their end.
---@param text string
---@param most integer columns, >= 4
---@param plain? boolean ASCII only
---@return string
function printable.clip_middle(text, most, plain)
  if printable.columns(text) <= most then
    return text
  end
  local tail = text:sub(tail_of(text, (most - 1) // 2))
  local room = most - printable.columns(tail)
  local head = printable.clip(text, room, plain)
  return head .. tail
end

--- Pads a printable text with blanks to a number of columns.
---@param text string
---@param columns integer
---@return string
function printable.pad(text, columns)
  return text .. (" "):rep(columns - printable.columns(text))
end

-- }======

return printable
