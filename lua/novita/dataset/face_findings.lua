--- Finds problems of the face in a prepared photo: none, several, cut off, small or off centre. All
--- but the first are about the largest face.

local faces = require "novita.image.faces"

local SPARE <const> = 0.02 -- of the head's area that may be cut off
local OFF_CENTRE <const> = 0.3 -- of the crop's size, from its middle
local EDGE <const> = 0.5 -- pixels of the photo

local face_findings = {}

local function overlap(at, length, other, other_length)
  return math.max(0, math.min(at + length, other + other_length) - math.max(at, other))
end

-- The share of box that is not inside the crop.
local function outside(box, crop)
  local inside = overlap(box.x, box.width, crop.x, crop.width)
    * overlap(box.y, box.height, crop.y, crop.height)
  return 1 - inside / (box.width * box.height)
end

local function check_count(add, facts)
  local count, crop = #facts.faces, facts.crop
  if count > 1 and crop.choice == "face" then
    add("several_faces", "has %d faces, and the crop is around the largest: if that is the wrong "
      .. "one, correct it in crops.txt", count)
  elseif count > 1 then
    add("several_faces", "has %d faces", count)
  end
end

local function check_cut(add, facts, face)
  local lost = outside(faces.head_box(face, facts.source_width, facts.source_height), facts.crop)
  if lost > SPARE then
    add("face_cut", "loses %.0f %% of the head to the crop", lost * 100)
  elseif face.x < EDGE or face.y < EDGE or face.x + face.width > facts.source_width - EDGE
    or face.y + face.height > facts.source_height - EDGE then
    add("face_cut", "has a face that the edge of the photo cuts off")
  end
end

local function check_size(add, facts, face, least)
  local pixels = face.height * facts.height / facts.crop.height
  if pixels < least then
    add("face_small", "has a small face: it will be %.0f pixels high, below %g", pixels, least)
  end
end

local function check_position(add, facts, face)
  local crop = facts.crop
  local x = (face.x + face.width / 2 - crop.x) / crop.width
  local y = (face.y + face.height / 2 - crop.y) / crop.height
  if crop.choice ~= "box" and (math.abs(x - 0.5) > OFF_CENTRE or math.abs(y - 0.5) > OFF_CENTRE)
  then
    add("face_off_center", "has its face off centre: at %.0f %% of the width and %.0f %% of the "
      .. "height", x * 100, y * 100)
  end
end

--- Checks one photo in which faces were looked for.
---@param facts novita.Prepared with `faces`
---@param o novita.ReportOptions in force
---@return { code: string, reason: string }[]
function face_findings.of(facts, o)
  local found, face = {}, facts.faces[1]
  local function add(code, text, ...)
    found[#found + 1] = { code = code, reason = text:format(...) }
  end
  if not face then
    add("no_face", "has no face that can be found")
    return found
  end
  check_count(add, facts)
  check_size(add, facts, face, o.min_face)
  local before = #found
  check_cut(add, facts, face)
  if #found == before then
    check_position(add, facts, face)
  end
  return found
end

return face_findings
