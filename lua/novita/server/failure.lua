--- Why a program of the operator has failed, for a person.

local errors = require "novita.base.error"

local failure = {}

-- A bar of tqdm is drawn once more after the exception that ended the program.
local function is_bar(line)
  return line:find "%d%%|" and line:find "|%s*%d+/%d+ %["
end

--- The last line of a log that has letters and is no bar, after a colon; without colours and other
--- control characters. "" if no line has letters.
---@param tail string
---@return string
function failure.last_line(tail)
  local found, bar
  for line in tail:gmatch "[^\r\n]+" do
    local text = line:gsub("\27%[[%d;]*%a", ""):gsub("%c", " "):match "^%s*(.-)%s*$"
    if is_bar(text) then
      bar = text
    elseif text:find "%a" then
      found = text
    end
  end
  found = found or bar
  return found and (": %s"):format(found:sub(1, 300)) or ""
end

---@alias novita.server.Failed fun(code: string, text: string, tail?: string): novita.Error

--- A function that makes an error of "the trainer", or of "the generator".
---@param noun string
---@return novita.server.Failed
function failure.of_a(noun)
  return function(code, text, tail)
    return errors.new { kind = noun, code = code, message = ("the %s %s"):format(noun, text),
      tail = tail }
  end
end

--- The error of a program that does not start. A lack of descriptors, memory or processes is no
--- fault of the program: the error has the kind "file" then, and the task begins anew later.
---@param failed novita.server.Failed
---@param err novita.Error of novita.server.process
---@return novita.Error
function failure.of_start(failed, err)
  return err.code == "resources" and err or failed("spawn", "does not start: " .. err.message)
end

local REASONS <const> = {
  timeout = function(limits) return ("has run for %g s, the limit"):format(limits.timeout) end,
  silent = function(limits) return ("has printed nothing for %g s"):format(limits.silence) end,
  output = function(limits)
    return ("has printed more than %d bytes, the limit"):format(limits.output_limit)
  end,
  stopped = function() return "was stopped" end,
}

--- The error of a program that has ended otherwise than with status 0.
---@param failed novita.server.Failed
---@param limits { timeout: number, silence: number, output_limit: number }
---@param ended novita.server.ProcessEnd
---@return novita.Error?
function failure.of_end(failed, limits, ended)
  local line = failure.last_line(ended.tail)
  if ended.reason then
    return failed(ended.reason, REASONS[ended.reason](limits)
      .. line, ended.tail)
  elseif ended.signal then
    return failed("signal", ("was ended by signal %d (%s)%s"):format(ended.signal,
      ended.signal_name, line), ended.tail)
  elseif ended.status ~= 0 then
    return failed("status", ("has ended with status %d%s"):format(ended.status, line), ended.tail)
  end
end

return failure
