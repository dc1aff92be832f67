--- Pages of a list: pagination.limit, pagination.cursor, next_cursor.

local responses = require "novita.service.responses"
local json = require "novita.service.json"

local DEFAULT_LIMIT = 10
local FARTHEST = 1 << 53 -- the largest offset; a limit can be added to it

local paging = {}

local function invalid(field, text)
  return responses.api_error(400, "VALIDATOR", ("invalid %s: %s"):format(field, text))
end

local function read_limit(fields)
  local text = fields["pagination.limit"]
  if not text or text == "" then return DEFAULT_LIMIT end
  local limit = text:find "^[+-]?%d+$" and math.tointeger(tonumber(text))
  if not limit then
    return nil, responses.api_error(400, "CODEC",
      ("parsing field \"limit\": strconv.ParseInt: parsing %q: invalid syntax"):format(text))
  end
  if limit > 0 and limit <= 100 then return limit end
  return nil, invalid("Pagination.Limit", "value must be inside range (0, 100]")
end

-- c_<offset>, or c_<offset>_<n> after n empty pages at that offset.
local function read_cursor(fields)
  local text = fields["pagination.cursor"]
  if not text or text == "" then return 0, 0 end
  local digits, empty = text:match("^c_(%d+)_?(%d*)$")
  local offset = math.tointeger(tonumber(digits))
  if offset and offset <= FARTHEST then
    return offset, math.min(math.tointeger(tonumber(empty)) or 0, FARTHEST)
  end
  return nil, invalid("Pagination.Cursor", "value is not a cursor")
end

--- The part of the list that the request asks for.
---@param fields table<string, string> from the query
---@param most? integer entries on this page, whatever the request's limit is (a fault)
---@return { limit: integer, offset: integer, empty: integer }? slice
---@return novita.service.Response? refusal
function paging.read(fields, most)
  local limit, refusal = read_limit(fields)
  if not limit then return nil, refusal end
  local offset, empty = read_cursor(fields)
  if not offset then return nil, empty end
  return { limit = math.min(limit, most or limit), offset = offset, empty = empty }
end

--- The entries in that part.
function paging.cut(list, slice, entry)
  local page = json.list {}
  for i = slice.offset + 1, math.min(slice.offset + slice.limit, #list) do
    page[#page + 1] = entry(list[i])
  end
  return page
end

--- The `pagination` of the response.
---@param options novita.service.Options
---@param slice { limit: integer, offset: integer, empty: integer }
---@param total integer length of the list
function paging.mark(options, slice, total)
  if slice.limit == 0 then
    return json.object("next_cursor", ("c_%d_%d"):format(slice.offset, slice.empty + 1))
  end
  local next_offset = slice.offset + slice.limit
  local last = next_offset >= total and options.list_mode == "plain"
  return json.object("next_cursor", last and "" or ("c_%d"):format(next_offset))
end

return paging
