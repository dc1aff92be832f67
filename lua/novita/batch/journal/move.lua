--- Moves a journal: copies it, and then notes in the first one where its jobs are continued.

local errors = require "novita.base.error"

-- A database can have runners at any moment; a file is locked by the one that moves it.
local function check_idle(source)
  if source.is_shared and source:is_busy() then
    error(source.store:failure("locked", "runners work on it: `novita fleet drain` ends them"), 0)
  end
end

local function move(source, copy, copy_journal)
  check_idle(source)
  local last = source.store:last_change()
  local count, err = copy_journal(source.path, copy)
  if not count then
    return nil, err
  end
  source.store:continue_in(copy)
  local ok, why = pcall(check_idle, source)
  if ok and source.store:last_change() == last then
    return count
  end
  source.store:continue_in(false)
  error(not ok and why or source.store:failure("locked", "a run has changed it meanwhile, so %s is "
    .. "of no use: remove it", copy), 0)
end

--- Moves a journal, and closes it.
---@param source novita.batch.Journal
---@param copy string
---@param copy_journal fun(path: string, copy: string): (integer|true?), novita.Error?
---@return integer|true? jobs
---@return novita.Error? err
return function(source, copy, copy_journal)
  local ok, count, err = pcall(move, source, copy, copy_journal)
  source:close()
  if ok then
    return count, err
  elseif not errors.is(count) then
    error(count, 0)
  end
  return nil, count
end
