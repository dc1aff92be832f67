--- CSV as in RFC 4180: quotes are doubled inside quotes, fields may contain line breaks, and the
--- first row names the columns. A byte order mark and bare line feeds are accepted.

local format = require "novita.schema.format"

local csv = {}

local function quoted(text, at)
  local parts, from = {}, at + 1
  while true do
    local quote = text:find('"', from, true)
    if not quote then
      return nil, "a quote is not closed"
    end
    parts[#parts + 1] = text:sub(from, quote - 1)
    if text:sub(quote + 1, quote + 1) ~= '"' then
      return table.concat(parts), quote + 1
    end
    parts[#parts + 1] = '"'
    from = quote + 2
  end
end

local function bare(text, at)
  local stop = text:find('[,\r\n"]', at) or #text + 1
  if text:sub(stop, stop) == '"' then
    return nil, "a quote inside an unquoted field: quote the whole field and double the quote"
  end
  return text:sub(at, stop - 1), stop
end

local function count_lines(text, from, to)
  local _, lines = text:sub(from, to):gsub("\n", "")
  return lines
end

--- Reads the rows.
---@param text string
---@return { line: integer, [integer]: string }[]? rows
---@return string? why
---@return integer? line
function csv.rows(text)
  local rows, at, line = {}, text:find "^\xEF\xBB\xBF" and 4 or 1, 1
  while at <= #text do
    local row = { line = line }
    repeat
      local value, stop = (text:sub(at, at) == '"' and quoted or bare)(text, at)
      if not value then
        return nil, stop, line
      end
      row[#row + 1] = value
      line = line + count_lines(text, at, stop - 1)
      local separator = text:sub(stop, stop)
      if separator ~= "," and separator ~= "" and not separator:find "[\r\n]" then
        return nil, "text follows a closing quote", line
      end
      at = stop + 1
    until separator ~= ","
    at = text:sub(at - 1, at) == "\r\n" and at + 1 or at
    line = line + 1
    if #row > 1 or row[1] ~= "" then
      rows[#rows + 1] = row
    end
  end
  return rows
end

-- The name of two columns, or nil: the second column would hide the first.
local function repeated(names)
  local seen = {}
  for _, name in ipairs(names) do
    if seen[name] then
      return name
    end
    seen[name] = true
  end
end

--- Reads records: for each row a table by column name, without the empty fields.
---@param text string
---@return { line: integer, fields: table<string, string> }[]? records
---@return string? why
---@return integer? line
function csv.records(text)
  local rows, why, line = csv.rows(text)
  if not rows then
    return nil, why, line
  elseif not rows[1] then
    return nil, "it is empty: the first row names the columns", 1
  end
  local names, records = table.remove(rows, 1), {}
  local twice = repeated(names)
  if twice then
    return nil, ("two columns are named %s"):format(format.text(twice)), names.line
  end
  for _, row in ipairs(rows) do
    if #row ~= #names then
      return nil, ("%d fields for %d columns"):format(#row, #names), row.line
    end
    local fields = {}
    for i, name in ipairs(names) do
      fields[name] = row[i] ~= "" and row[i] or nil
    end
    records[#records + 1] = { line = row.line, fields = fields }
  end
  return records
end

return csv
