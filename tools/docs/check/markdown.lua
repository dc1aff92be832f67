--- Reads a Markdown page as far as the checks need it: headings, links, blocks of code.

local markdown = {}

---@class docs.Block
---@field line integer of its first line
---@field language string the word after the fence, or ""
---@field setup? string of ```lua setup=name
---@field text string
---@field heading? string the one above it

-- GitHub's rule for the name of a heading.
local function slug(heading)
  local text = heading:gsub("`", ""):gsub("%[([^%]]*)%]%b()", "%1"):gsub("%*", "")
  text = text:lower():gsub("[^%w%-_ \x80-\xff]", "")
  return (text:gsub(" ", "-"))
end

local function add_anchor(page, heading)
  local name, count = slug(heading), 0
  local anchor = name
  while page.anchors[anchor] do
    count = count + 1
    anchor = ("%s-%d"):format(name, count)
  end
  page.anchors[anchor] = true
end

local function add_links(page, line, number)
  for target in line:gsub("`[^`]*`", ""):gmatch "%]%(([^)%s]+)%)" do
    page.links[#page.links + 1] = { line = number, target = target }
  end
end

-- A block without a fence names no language, so it cannot be checked.
local function is_indented(line, before)
  return line:find "^    %S" and before == ""
end

---@class docs.Reader
---@field page table
---@field block? docs.Block the one that is open
---@field heading? string the last one
local Reader = {}
Reader.__index = Reader

function Reader:fence(rest, number)
  if self.block then
    self.block.text = table.concat(self.lines, "\n") .. "\n"
    self.block = nil
    return
  end
  local language, setup = rest:match "^(%w*)%s*(.*)$"
  self.block = { line = number + 1, language = language, setup = setup:match "^setup=(%w+)$",
    heading = self.heading }
  self.block.odd = setup ~= "" and not self.block.setup and setup or nil
  self.lines = {}
  table.insert(self.page.blocks, self.block)
end

function Reader:text(line, number)
  local heading = line:match "^#+ +(.-) *$"
  if heading then
    self.heading = heading
    add_anchor(self.page, heading)
  elseif is_indented(line, self.before) and not self.in_list then
    table.insert(self.page.bare, number)
  end
  if line ~= "" then
    local item = line:find "^%s*[-*] " or line:find "^%s*%d+%. "
    self.in_list = item or self.in_list and line:find "^ "
  end
  add_links(self.page, line, number)
  self.before = line
end

--- Reads a page.
---@param text string
---@return { anchors: table<string, boolean>, links: table[], blocks: docs.Block[], bare: integer[] }
function markdown.read(text)
  local page = { anchors = {}, links = {}, blocks = {}, bare = {} }
  local reader, number = setmetatable({ page = page, before = "" }, Reader), 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    local rest = line:match "^%s*```(.*)$"
    if rest then
      reader:fence(rest, number)
    elseif reader.block then
      table.insert(reader.lines, line)
    else
      reader:text(line, number)
    end
  end
  return page
end

return markdown
