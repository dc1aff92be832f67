--- Collects the complaints of one lint and turns them into an exit status.

local report = {}

local count = 0

--- Prints one complaint, formatted as by string.format.
---@param text string
function report.complain(text, ...)
  count = count + 1
  print(text:format(...))
end

--- Ends the program: status 1 if there was a complaint.
function report.finish()
  os.exit(count == 0, true)
end

return report
