--- Formats seconds for a person: "12 s", "3:07", "1:02:03".
---@param seconds number
---@return string
return function(seconds)
  seconds = math.floor(seconds + 0.5)
  if seconds < 60 then
    return ("%d s"):format(seconds)
  elseif seconds < 3600 then
    return ("%d:%02d"):format(seconds // 60, seconds % 60)
  end
  return ("%d:%02d:%02d"):format(seconds // 3600, seconds // 60 % 60, seconds % 60)
end
