--- A time in a table: for a person how long ago it was, for a program in full.

local MINUTE <const>, HOUR <const>, DAY <const> = 60, 3600, 86400

--- How long ago a time was: "now", "5 min ago", "3 h ago", "2 days ago"; a date after 30 days.
---@param at number unix seconds
---@param now number unix seconds
---@return string
local function ago(at, now)
  local seconds = now - at
  if seconds < MINUTE then
    return "now"
  elseif seconds < HOUR then
    return ("%d min ago"):format(seconds // MINUTE)
  elseif seconds < 2 * DAY then
    return ("%d h ago"):format(seconds // HOUR)
  elseif seconds < 30 * DAY then
    return ("%d days ago"):format(seconds // DAY)
  end
  return tostring(os.date("%Y-%m-%d", at // 1))
end

local when = { ago = ago }

--- A time for a column: see `ago` in a table, else "2026-11-29T16:13:28Z".
---@param ui novita.cli.Ui
---@param at? number unix seconds
---@return string
function when.text(ui, at)
  if not at then
    return "-"
  elseif ui.table then
    return ago(at, os.time())
  end
  return tostring(os.date("!%Y-%m-%dT%H:%M:%SZ", at // 1))
end

return when
