--- Dead links: to files that are not there, to headings that are not there, and names of pages in
--- the sources' comments.

local files = require "check.files"
local markdown = require "check.markdown"

local links = {}

local function folder_of(path)
  return path:match "^(.*)/[^/]*$" or "."
end

-- "docs/api/../images.md" is "docs/images.md".
local function tidy(path)
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." and #parts > 0 then
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, "/")
end

local function known_paths()
  local known = { [""] = true }
  for _, path in ipairs(files.of_checkout "*") do
    while path and not known[path] do
      known[path] = true
      path = path:match "^(.*)/[^/]*$"
    end
  end
  return known
end

local function check_link(book, path, link, complain)
  local target, anchor = link.target:match "^([^#]*)#?(.*)$"
  if target:find "^%a+:" then
    return
  end
  local aim = target == "" and path or tidy(folder_of(path) .. "/" .. target)
  if not book.known[aim] then
    complain("%s:%d: there is no %s", path, link.line, link.target)
  elseif anchor ~= "" and not (book.pages[aim] and book.pages[aim].anchors[anchor]) then
    complain("%s:%d: there is no heading #%s in %s", path, link.line, anchor, aim)
  end
end

-- Comments and messages name pages too.
local function check_mentions(book, complain)
  local folders = "(tools/docs|spec/stress|docs|examples|bench)"
  local found = files.lines("git grep -noP '(?<![a-z_/])" .. folders .. "/[a-z_/]+\\.(md|lua)'")
  for _, line in ipairs(found) do
    local place, name = line:match "^([^:]+:%d+):(.+)$"
    if not book.known[name] then
      complain("%s: there is no %s", place, name)
    end
  end
end

---@param complain fun(text: string, ...)
function links.check(complain)
  local book = { known = known_paths(), pages = {} }
  local paths = files.of_checkout "*.md"
  for _, path in ipairs(paths) do
    book.pages[path] = markdown.read(files.read(path))
  end
  for _, path in ipairs(paths) do
    for _, link in ipairs(book.pages[path].links) do
      check_link(book, path, link, complain)
    end
  end
  check_mentions(book, complain)
end

return links
