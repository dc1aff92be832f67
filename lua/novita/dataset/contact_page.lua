--- The contact sheet as an HTML page: one file that needs no network and no JavaScript.

local contact_cards = require "novita.dataset.contact_cards"
local counted = require "novita.base.counted"
local html = require "novita.base.html"
local html_style = require "novita.base.html_style"
local left_out = require "novita.dataset.left_out"

local PAGE <const> = [[
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{title}}</title>
<style>
{{{style}}}</style></head>
<body><main>
<header><h1>{{title}}</h1>
<p class="soft">{{summary}}</p>
{{{lines}}}</header>
{{{cards}}}</main></body></html>
]]

local STYLE <const> = [[
main { max-width: 1240px; }
header { margin-bottom: 24px; }
.note { margin-top: 6px; overflow-wrap: anywhere; }
.problem { color: var(--warn); }
]]

local function lines_of(report)
  local parts = {}
  local function add(class, text)
    parts[#parts + 1] = html.fill('<p class="note {{class}}">{{text}}</p>\n',
      { class = class, text = text })
  end
  for _, found in ipairs(report.problems) do
    if not found.index then
      add("problem", found.text)
    end
  end
  local skipped = left_out.line(report.photos.skipped or {})
  if skipped then
    add("problem", skipped)
  end
  for _, note in ipairs(report.notes) do
    add("soft", note)
  end
  return table.concat(parts)
end

--- Makes the page.
---@param report novita.Report
---@param title string
---@param loop novita.async.Loop that waits for the thumbnails
---@return string html
return function(report, title, loop)
  return html.fill(PAGE, {
    title = title,
    style = html_style .. contact_cards.STYLE .. STYLE,
    summary = ("%s, %s"):format(counted(#report.photos, "photo"),
      counted(#report.problems, "problem")),
    lines = lines_of(report),
    cards = contact_cards.of(report.photos, loop),
  })
end
