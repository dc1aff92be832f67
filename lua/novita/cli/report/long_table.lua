--- A table that may have thousands of rows. It is divided into tables of a hundred rows, and the
--- browser lays out only those that are in view: one table of 10,000 rows would freeze the page.

local ROWS_MOST <const> = 100
local ROW_HEIGHT <const> = 35 -- pixels, until a part has been laid out

local long_table = {}

long_table.STYLE = ([[
.part { content-visibility: auto; contain-intrinsic-height: auto %dpx; }
@media print { .part { content-visibility: visible; } }
]]):format(ROWS_MOST * ROW_HEIGHT)

--- Makes the table; with few rows it is one.
---@param head string the row of headings, as HTML
---@param rows string[] as HTML
---@param class? string of the table
---@return string html
function long_table.of(head, rows, class)
  local open = (class and '<table class="' .. class .. '">' or "<table>") .. "<thead>" .. head
    .. "</thead>\n<tbody>\n"
  if #rows <= ROWS_MOST then
    return open .. table.concat(rows) .. "</tbody></table>"
  end
  local parts = {}
  for first = 1, #rows, ROWS_MOST do
    local last = math.min(first + ROWS_MOST - 1, #rows)
    parts[#parts + 1] = '<div class="part">' .. open .. table.concat(rows, "", first, last)
      .. "</tbody></table></div>\n"
  end
  return table.concat(parts)
end

return long_table
