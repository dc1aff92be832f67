-- The report of 10,000 jobs was one table with 10,000 rows: Chromium did not scroll it in two
-- minutes.

local long_table = require "novita.cli.report.long_table"

local HEAD <const> = '<tr><th scope="col">Job</th></tr>'

local function rows_of(count)
  local rows = {}
  for i = 1, count do
    rows[i] = ("<tr><td>%d</td></tr>\n"):format(i)
  end
  return rows
end

local function count_of(text, part)
  return select(2, text:gsub(part, ""))
end

describe("a table of a report", function()
  it("is one with a hundred rows", function()
    local html = long_table.of(HEAD, rows_of(100), "timeline")
    assert.equal('<table class="timeline"><thead>' .. HEAD .. "</thead>\n<tbody>\n"
      .. table.concat(rows_of(100)) .. "</tbody></table>", html)
  end)

  it("is divided with more, so that a browser lays out only what is in view", function()
    local html = long_table.of(HEAD, rows_of(250))
    assert.equal(3, count_of(html, '<div class="part"><table><thead>'))
    assert.equal(3, count_of(html, "</tbody></table></div>"))
    assert.equal(3, count_of(html, 'scope="col"'))
    local next_row = 1
    for number in html:gmatch "<td>(%d+)</td>" do
      assert.equal(next_row, tonumber(number))
      next_row = next_row + 1
    end
    assert.equal(251, next_row)
    local style = require "novita.cli.report.style"
    assert.truthy(style:find(".part { content-visibility: auto;", 1, true))
  end)
end)
