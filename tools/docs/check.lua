-- Compares the docs with the code.
--   lua5.4 tools/docs/check.lua [names] [links] [blocks [page.md ...]]
--   names   every public name is documented
--   links   every link leads somewhere
--   blocks  every block of code runs; with pages only theirs
-- Without words all three. Exit status 1 when something is wrong, one line for each.

package.path = "tools/docs/?.lua;lua/?.lua;lua/?/init.lua;" .. package.path
package.cpath = (os.getenv "BUILD" or "build") .. "/?.so;" .. package.cpath

local checks, pages = {}, {}
for _, word in ipairs(arg) do
  if word:find "%.md$" then
    pages[#pages + 1] = word
  elseif word == "names" or word == "links" or word == "blocks" then
    checks[#checks + 1] = word
  else
    io.stderr:write("tools/docs/check.lua: what is ", word, "?\n")
    os.exit(2)
  end
end
if not checks[1] then
  checks = { "links", "names", "blocks" }
end

local wrong = 0

local function complain(text, ...)
  wrong = wrong + 1
  print(text:format(...))
end

for _, name in ipairs(checks) do
  local result = require("check." .. name).check(complain, pages)
  print(("%s: %s"):format(name, result or "checked"))
end
os.exit(wrong == 0, true)
