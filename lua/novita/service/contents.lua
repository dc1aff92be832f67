--- The responses of links that lead to a file: all of it, or the range that the request asks for.

local responses = require "novita.service.responses"

local contents = {}

--- The response for a link whose signature was refused or whose file is not there.
---@return novita.service.Response
function contents.missing()
  return responses.storage_error(404, "NoSuchKey", "The specified key does not exist.")
end

-- First and last byte, from 0; nil for the whole file.
local function range_of(text, size)
  local first, last = text:match("^bytes=(%d+)%-(%d*)$")
  if not first then return nil end
  local from = math.tointeger(tonumber(first)) or math.maxinteger
  local to = last ~= "" and math.tointeger(tonumber(last)) or math.maxinteger
  if to < from then return nil end -- an invalid range, which HTTP ignores
  return from, math.min(to, size - 1)
end

local function part(content, status, first, length)
  local response = { status = status, headers = { "Content-Type", content.type } }
  if content.file then
    response.file, response.first, response.length = content.file, first, length
    response.body = ""
  elseif content.read then
    response.body, response.length = "", length
    response.stream = function(position, most)
      return content.read(first + position, math.min(most, length - position))
    end
  elseif length == content.size then
    response.body = content.bytes
  else
    response.body = content.bytes:sub(first + 1, first + length)
  end
  return response
end

local function add_header(response, name, value)
  table.move({ name, value }, 1, 2, #response.headers + 1, response.headers)
end

local function ranged(content, first, last)
  if first >= content.size then
    local response = responses.storage_error(416, "InvalidRange", "The requested range is not "
      .. "satisfiable")
    add_header(response, "Content-Range", ("bytes */%d"):format(content.size))
    return response
  end
  local response = part(content, 206, first, last - first + 1)
  add_header(response, "Content-Range", ("bytes %d-%d/%d"):format(first, last, content.size))
  return response
end

---@param content novita.service.Content
---@param range? string a Range header
---@return novita.service.Response
function contents.send(content, range)
  local first, last = range_of(range or "", content.size)
  local response = first and ranged(content, first, last) or part(content, 200, 0, content.size)
  if content.etag then add_header(response, "ETag", content.etag) end
  return response
end

return contents
