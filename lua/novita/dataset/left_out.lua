--- Says in one line which files of a folder are not used, and why:
--- `3 files are left out: IMG_1.HEIC, IMG_2.HEIC (HEIC: export as JPEG); notes.md (not a photo)`.

local counted = require "novita.base.counted"
local files = require "novita.dataset.files"

local SHOWN_MOST <const> = 3 -- names for each reason

local left_out = {}

-- "2 files and 1 subfolder are"
local function subject(skipped)
  local folders = 0
  for _, file in ipairs(skipped) do
    folders = folders + (file.path:find "/$" and 1 or 0)
  end
  local parts = {}
  for _, part in ipairs { { #skipped - folders, "file" }, { folders, "subfolder" } } do
    parts[#parts + 1] = part[1] > 0 and counted(part[1], part[2]) or nil
  end
  return table.concat(parts, " and ") .. (#skipped == 1 and " is" or " are")
end

local function by_reason(skipped)
  local groups = {}
  for _, file in ipairs(skipped) do
    local group = groups[file.reason]
    if not group then
      group = { reason = file.reason, count = 0 }
      groups[file.reason], groups[#groups + 1] = group, group
    end
    group.count = group.count + 1
    if group.count <= SHOWN_MOST then
      group[group.count] = files.shown(file.path:match "[^/]+/?$" or file.path)
    end
  end
  return groups
end

local function text_of(group)
  local more = group.count - #group
  return ("%s%s (%s)"):format(table.concat(group, ", "),
    more > 0 and (" and %d more"):format(more) or "", group.reason)
end

--- The line, or nil if nothing is left out.
---@param skipped novita.SkippedFile[]
---@return string?
function left_out.line(skipped)
  if #skipped == 0 then
    return nil
  end
  local texts = {}
  for index, group in ipairs(by_reason(skipped)) do
    texts[index] = text_of(group)
  end
  return ("%s left out: %s"):format(subject(skipped), table.concat(texts, "; "))
end

--- The line with the folder's name, for messages about a folder among others.
---@param dataset novita.Dataset of a folder
---@return string?
function left_out.in_folder(dataset)
  local line = left_out.line(dataset.skipped)
  return line and ("%s: %s"):format(files.shown(dataset.folder), line)
end

return left_out
