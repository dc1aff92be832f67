--- The states of a job's sample images:
--
--     planned -> submitting -> generating -> done
--
-- or failed, abandoned. A job whose images were not asked for has none of them. `submitting` is
-- written before the paid request: a job that is found in it may have been billed, and no list
-- shows its images. From `generating` on the journal has their task's id.

local samples = {
  --- The states in which the images were asked for and are not saved.
  missing = { planned = true, submitting = true, generating = true, failed = true },
}

--- Whether the images of a job were asked for and are not saved.
---@param state? string
---@return boolean
function samples.is_missing(state)
  return samples.missing[state] or false
end

--- How many jobs miss their images.
---@param counts table<string, integer> jobs by state
---@return integer
function samples.count_missing(counts)
  local sum = 0
  for state, count in pairs(counts) do
    sum = sum + (samples.missing[state] and count or 0)
  end
  return sum
end

return samples
