--- Faces in photos: how many are found, how many heads a square crop keeps, and the time of the
-- network on one core, against the cascades of OpenCV.
--    lua5.4 bench/faces.lua [--runs 7]
-- FACES=DIR in the environment names a folder with the file faces.csv: file, x, y, width and height
-- of the largest face, in pixels of the photo as displayed; four empty fields for a photo without a
-- face. Default: the few photos of the checkout.
--
-- Figures: ms_224, ms_416 (CPU time of the network for one image); n (photos with a face); recall
-- (share of them: a box was found whose centre is in the face, and that holds the face's centre);
-- heads_whole (the square crop holds the face and 28 % of its height above), the same with the
-- square in the middle and at the top; false (photos without a face in which one was found).
-- <haar|lbp>_... are those of OpenCV's cascades, with the same rule for the crop.

local support = require "bench.support"

local options = support.options(arg, { runs = 7 })
support.library()
local faces = require "novita.image.faces"
local image = require "novita.image"

local CROWN <const> = 0.28
local SIDES <const> = { 224, 416 }
local WEIGHTS <const> = "lua/novita/faces/tiny_face_detector.bin"

---@class bench.FacePhoto
---@field path string
---@field face? novita.Crop the largest one
---@field width integer as displayed
---@field height integer

-- {====== the photos ======

-- The boxes are by eye, from the eyebrows to the chin.
local function default_set()
  local list = {
    { path = "spec/fixtures/faces/astronaut.jpg", face = { x = 172, y = 82, width = 100,
      height = 103 } },
    { path = "spec/fixtures/faces/photographer.jpg", face = { x = 190, y = 130, width = 68,
      height = 68 } },
  }
  for path in io.popen("ls examples/photos/*.jpg examples/photos/*.png"):lines() do
    list[#list + 1] = { path = path }
  end
  return list
end

local function read_line(folder, line)
  local file, x, y, width, height =
    line:match '^"?([^",]+)"?,([%d.]*),([%d.]*),([%d.]*),([%d.]*)%s*$'
  if not file then
    error("faces.csv: not file,x,y,width,height: " .. line, 0)
  end
  local face = { x = tonumber(x), y = tonumber(y), width = tonumber(width),
    height = tonumber(height) }
  return { path = folder .. "/" .. file, face = face.height and face or nil }
end

local function read_set(folder)
  local list, head = {}, true
  for line in assert(io.open(folder .. "/faces.csv")):lines() do
    if not head and line:find "%S" then
      list[#list + 1] = read_line(folder, line)
    end
    head = false
  end
  return list
end

-- }======

-- {====== the figures of one detector ======

local function holds(outer, inner)
  local hair <const> = 1
  return inner.x >= outer.x - hair and inner.y >= outer.y - hair
    and inner.x + inner.width <= outer.x + outer.width + hair
    and inner.y + inner.height <= outer.y + outer.height + hair
end

local function has_point(box, x, y)
  return x >= box.x and x <= box.x + box.width and y >= box.y and y <= box.y + box.height
end

local function hits(box, face)
  return has_point(face, box.x + box.width / 2, box.y + box.height / 2)
    and has_point(box, face.x + face.width / 2, face.y + face.height / 2)
end

local function is_hit(found, face)
  for _, box in ipairs(found) do
    if hits(box, face) then return true end
  end
  return false
end

local function head_of(photo)
  local face = photo.face
  local top = math.max(0, face.y - CROWN * face.height)
  return { x = face.x, y = top, width = face.width, height = face.y + face.height - top }
end

local function plain_square(photo, where)
  local side = math.min(photo.width, photo.height)
  return { x = (photo.width - side) / 2, y = where == "top" and 0 or (photo.height - side) / 2,
    width = side, height = side }
end

local function square(photo, found)
  return found[1] and faces.crop_box(photo.width, photo.height, found[1], 1)
    or plain_square(photo, "center")
end

-- `find(photo)` gives the boxes, the largest first.
local function rate(photos, find)
  local n, hit, whole, wrong = 0, 0, 0, 0
  for _, photo in ipairs(photos) do
    local found = find(photo)
    if not photo.face then
      wrong = wrong + (#found > 0 and 1 or 0)
    else
      n = n + 1
      hit = hit + (is_hit(found, photo.face) and 1 or 0)
      whole = whole + (holds(square(photo, found), head_of(photo)) and 1 or 0)
    end
  end
  return { n = n, recall = hit / n, heads_whole = whole / n, ["false"] = wrong }
end

local function share_whole(photos, where)
  local n, whole = 0, 0
  for _, photo in ipairs(photos) do
    if photo.face then
      n = n + 1
      whole = whole + (holds(plain_square(photo, where), head_of(photo)) and 1 or 0)
    end
  end
  return whole / n
end

-- }======

local function say(name, value)
  print(("bench faces %s %.4g"):format(name, value))
end

-- {====== the time of the network ======

local function network()
  local file <close> = assert(io.open(WEIGHTS, "rb"))
  return assert(require("novita.faces.core").detector(file:read "a"))
end

local function milliseconds(detector, photo, side)
  local reduced = assert(assert(image.decode({ path = photo.path }, { channels = 3 })):resize {
    width = side, height = side, fit = "inside" })
  local bytes, best = reduced:bytes(), math.huge
  for _ = 1, 20 do
    local began = os.clock()
    detector:find(bytes, reduced.width, reduced.height, side)
    best = math.min(best, os.clock() - began)
  end
  return best * 1e3
end

local function time(photos)
  local figures, detector = support.table(), network()
  for _ = 1, options.runs do
    for _, side in ipairs(SIDES) do
      figures:add("ms_" .. side, milliseconds(detector, photos[1], side))
    end
  end
  figures:print "faces"
end

-- }======

-- {====== OpenCV ======

local function area(box)
  return box.width * box.height
end

local function boxes_of(text, name)
  local list = {}
  for digits, x, y, width, height in text:gmatch(name .. " (%d+) (%S+) (%S+) (%S+) (%S+)") do
    local number = tonumber(digits)
    list[number] = list[number] or {}
    table.insert(list[number], { x = tonumber(x), y = tonumber(y), width = tonumber(width),
      height = tonumber(height) })
  end
  for _, boxes in pairs(list) do
    table.sort(boxes, function(a, b) return area(a) > area(b) end)
  end
  return list
end

-- Debian's packages are for Debian's Python, which need not be the first one.
local function python()
  for _, name in ipairs { "python3", "/usr/bin/python3" } do
    if os.execute(name .. " -c 'import cv2' 2>/dev/null") then return name end
  end
end

local function compare(photos)
  local interpreter = python()
  if not interpreter then
    io.stderr:write("python3-opencv is missing: no comparison with its cascades\n")
    return
  end
  local words = {}
  for i, photo in ipairs(photos) do
    words[i] = support.quote(photo.path)
  end
  local pipe = assert(io.popen(interpreter .. " bench/peers/faces_opencv.py "
    .. table.concat(words, " ")))
  local text = pipe:read "a"
  if not pipe:close() then
    error("bench/peers/faces_opencv.py failed", 0)
  end
  local order = {}
  for i, photo in ipairs(photos) do
    order[photo] = i
  end
  local figures = support.parse(text)
  for _, name in ipairs { "haar", "lbp" } do
    local boxes = boxes_of(text, name)
    local rates = rate(photos, function(photo) return boxes[order[photo]] or {} end)
    say(name .. "_ms", figures[name .. "_ms"])
    for _, figure in ipairs { "recall", "heads_whole", "false" } do
      say(name .. "_" .. figure, rates[figure])
    end
  end
end

-- }======

local function find(photo)
  return assert(image.faces { path = photo.path })
end

support.main("faces", function()
  local folder = os.getenv "FACES"
  local photos = folder and folder ~= "" and read_set(folder) or default_set()
  for _, photo in ipairs(photos) do
    local facts = assert(image.probe { path = photo.path })
    photo.width, photo.height = facts.width, facts.height
  end
  time(photos)
  local rates = rate(photos, find)
  for _, name in ipairs { "recall", "heads_whole", "false", "n" } do
    say(name, rates[name])
  end
  say("center_heads_whole", share_whole(photos, "center"))
  say("top_heads_whole", share_whole(photos, "top"))
  compare(photos)
end)
