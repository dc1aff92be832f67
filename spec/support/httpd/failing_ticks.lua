--- A program for the HTTP server whose ticks fail.
return { open = function()
  local ticks = 0
  return {
    tick = function()
      ticks = ticks + 1
      error "a bad tick"
    end,
    control = function() return tostring(ticks) end,
    handle = function() return { abort = "close" } end,
  }
end }
