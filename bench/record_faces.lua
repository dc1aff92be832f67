--- Records what the npm package @vladmandic/face-api finds in the photos of
-- spec/support/faces/photos.lua, for spec/faces/golden_spec.lua.
--    lua5.4 bench/record_faces.lua [--check]
-- Writes spec/fixtures/faces/golden.lua; with --check it only compares the file with what the
-- package says now. Installs the package under $(BUILD)/peers (npm, node, network); where that is
-- impossible it says so, and the exit status is 0.

local support = require "bench.support"

support.library()
local face_photos = require "support.faces.photos"

local BUILD = os.getenv "BUILD" or "build"
local PEERS = BUILD .. "/peers"
local PACKAGES <const> = "@vladmandic/face-api@1.7.15 @tensorflow/tfjs@4.22.0 "
  .. "@tensorflow/tfjs-backend-wasm@4.22.0"
local GOLDEN <const> = "spec/fixtures/faces/golden.lua"
local SIDES <const> = { 224, 416 }

local INSTALL <const> = "npm install --silent --no-audit --no-fund --ignore-scripts --prefix "

local function install()
  return os.execute(("test -d %s/node_modules/@vladmandic/face-api"):format(PEERS))
    or os.execute(("%s%s %s >&2"):format(INSTALL, PEERS, PACKAGES))
end

local function write(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  file:write(bytes)
end

-- Each photo as it is, and reduced as the core does it, for both sides of the network.
local function cases()
  local list = {}
  for _, name in ipairs(face_photos.names) do
    local photo = face_photos.make(name)
    for _, side in ipairs(SIDES) do
      list[#list + 1] = { name = name, side = side, kind = "photo", image = photo }
      list[#list + 1] = { name = name, side = side, kind = "reduced",
        image = face_photos.reduce(photo, side) }
    end
  end
  return list
end

local function ask(list)
  local words, paths = {}, {}
  for i, case in ipairs(list) do
    paths[i] = os.tmpname()
    write(paths[i], case.image:bytes())
    words[i] = ("%s %d %d %d"):format(paths[i], case.image.width, case.image.height, case.side)
  end
  local command = ("NODE_PATH=%s/node_modules node bench/peers/faces_npm.cjs "):format(PEERS)
  local pipe <close> = assert(io.popen(command .. table.concat(words, " ")))
  for _, case in ipairs(list) do
    local line = assert(pipe:read "l", "the package found nothing to say")
    case.values = assert(line:match "^faces(.*)", line)
  end
  for _, path in ipairs(paths) do
    os.remove(path)
  end
end

local function show(list)
  local lines = { "-- Written by bench/record_faces.lua: what @vladmandic/face-api finds.",
    "-- Each face is x, y, width, height, score.", "return {" }
  for _, case in ipairs(list) do
    local faces = {}
    for a, b, c, d, e in case.values:gmatch "(%S+) (%S+) (%S+) (%S+) (%S+)" do
      faces[#faces + 1] = ("{ %s, %s, %s, %s, %s }"):format(a, b, c, d, e)
    end
    local rows = #faces > 0 and "\n    " .. table.concat(faces, ",\n    ") .. " " or ""
    lines[#lines + 1] = ("  { name = %q, side = %d, kind = %q, faces = {%s} },"):format(case.name,
      case.side, case.kind, rows)
  end
  lines[#lines + 1] = "}\n"
  return table.concat(lines, "\n")
end

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

support.main("record_faces", function()
  if not install() then
    io.stderr:write("npm is not reached, or node is missing: nothing was recorded\n")
    return
  end
  local list = cases()
  ask(list)
  local text = show(list)
  if arg[1] ~= "--check" then
    write(GOLDEN, text)
  elseif text ~= read(GOLDEN) then
    error(GOLDEN .. " differs from what the package finds: check the change and record it", 0)
  end
end)
