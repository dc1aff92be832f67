--- What `check` finds in the photos of a job, as lines with the job's name.

---@param name string of the job
---@param findings string[]
---@param most? integer lines; default: all
---@return string[]
return function(name, findings, most)
  local lines, shown = {}, math.min(most or #findings, #findings)
  for i = 1, shown do
    lines[i] = ("%s: %s"):format(name, findings[i]):gsub("[\r\n]", " ")
  end
  if #findings > shown then
    lines[shown + 1] = ("%s: %d more: see novita check with the same --prompt"):format(name,
      #findings - shown)
  end
  return lines
end
