--- The style sheet of a report: for light and dark screens, and for paper.

local contact_cards = require "novita.dataset.contact_cards"
local html_style = require "novita.base.html_style"
local long_table = require "novita.cli.report.long_table"

local REPORT <const> = [[
:root { --prepare: #8d6fd1; --upload: #3b82d6; --submit: #e0a030; --train: #2f9e68; }
@media (prefers-color-scheme: dark) { :root {
  --prepare: #a78bea; --upload: #5c9de8; --submit: #e6b04a; --train: #43b97e; } }
.model, .missing, figcaption { color: var(--soft); }
.model, figcaption, .mono { font: 12px/1.5 ui-monospace, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px;
  margin-top: 24px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 12px 16px; }
.tile b { display: block; font-size: 26px; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; }
.tile.good b { color: var(--good); } .tile.bad b { color: var(--bad); }
.share { display: block; width: 100%; height: 12px; margin-top: 16px; border-radius: 6px;
  background: var(--line); }
.p-serving { fill: var(--good); }
.p-unsuccessful { fill: var(--bad); } .p-open { fill: var(--busy); }
.p-abandoned { fill: var(--soft); }
a { color: var(--busy); }
table { width: 100%; border-collapse: collapse; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; border-spacing: 0; }
th, td { text-align: left; padding: 7px 12px; border-top: 1px solid var(--line);
  vertical-align: top; }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: 13px; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 88px; }
.num { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.timeline { table-layout: fixed; }
.timeline th:first-child { width: 22%; } .timeline th:nth-child(3) { width: 84px; }
.timeline th:nth-child(4) { width: 126px; }
.lane svg { display: block; width: 100%; height: 14px; margin-top: 4px; background: var(--page);
  border-radius: 4px; }
.axis { display: flex; justify-content: space-between; font-variant-numeric: tabular-nums; }
.s-prepare { fill: var(--prepare); } .s-upload { fill: var(--upload); }
.s-submit { fill: var(--submit); } .s-train { fill: var(--train); }
.k-prepare { background: var(--prepare); } .k-upload { background: var(--upload); }
.k-submit { background: var(--submit); } .k-train { background: var(--train); }
.legend { margin-bottom: 8px; color: var(--soft); font-size: 13px; }
.key { display: inline-block; margin-right: 18px; }
.key i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 6px; }
.stage { font-size: 13px; font-weight: 600; color: var(--busy); white-space: nowrap; }
.stage.serving { color: var(--good); } .stage.failed, .stage.canceled { color: var(--bad); }
.stage.needs_review { color: var(--warn); } .stage.planned, .stage.abandoned { color: var(--soft); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  padding: 16px; margin-bottom: 16px; }
.attention ul { background: var(--card); border: 1px solid var(--line); border-radius: 10px;
  border-left: 4px solid var(--warn); padding: 12px 16px 12px 34px; overflow-wrap: anywhere; }
.failures h3 { margin: 18px 0 0; overflow-wrap: anywhere; }
.advice { color: var(--soft); margin: 2px 0 8px; overflow-wrap: anywhere; }
.failures td { overflow-wrap: anywhere; }
.samples { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 12px; }
.samples figure { width: 192px; }
.photos { margin-top: 12px; }
@media (max-width: 640px) {
  .timeline th:nth-child(3), .timeline td:nth-child(3) { display: none; }
  .timeline th:first-child { width: 26%; } .timeline th:nth-child(4) { width: 108px; }
  th, td { padding: 6px 8px; } .prices .num { white-space: normal; }
  .prices th:first-child { width: 46%; }
  .models th:nth-child(4), .models td:nth-child(4) { display: none; } }
@media print { :root { --prepare: #8d6fd1; --upload: #3b82d6; --submit: #e0a030;
    --train: #2f9e68; }
  tr, article, .tile { break-inside: avoid; }
  thead { display: table-header-group; } }
]]

return html_style .. contact_cards.STYLE .. REPORT .. long_table.STYLE
