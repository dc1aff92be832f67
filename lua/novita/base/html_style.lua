--- The style of the HTML pages that novita writes: their colours, for light and dark screens and
--- for paper, and their text. Each page adds its own parts.

return [[
:root { color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1a1d23; --soft: #5b6472; --line: #dfe3e9;
  --good: #1c7c4a; --bad: #b3261e; --warn: #8a5a00; --busy: #2357b8; }
@media (prefers-color-scheme: dark) { :root {
  --page: #14161a; --card: #1d2026; --text: #eceef2; --soft: #a0a8b5; --line: #31363f;
  --good: #5fcf95; --bad: #ff8a80; --warn: #f0bc5e; --busy: #8ab4ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 40px 0 12px; }
h3 { font-size: 15px; margin: 0 0 2px; overflow-wrap: anywhere; }
p { margin: 0; }
figure { margin: 0; max-width: 100%; }
img { display: block; max-width: 100%; height: auto; border-radius: 6px; }
.soft { color: var(--soft); }
footer { margin-top: 40px; color: var(--soft); font-size: 13px; }
@media (max-width: 640px) { main { padding: 24px 12px 40px; } }
@media print { :root { color-scheme: light; --page: #ffffff; --card: #ffffff; --text: #000000;
    --soft: #444444; --line: #cccccc; --good: #1c7c4a; --bad: #b3261e; --warn: #8a5a00;
    --busy: #2357b8; }
  body { font-size: 11px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; } figure { break-inside: avoid; } }
]]
