--- The checks of `novita doctor`. Each check returns findings: a subject, a state ("ok", "warning",
--- "failed"), a line of text and, if there is a problem, advice.

local ascii = require "novita.base.ascii"
local authorities = require "novita.base.authorities"
local core = require "novita.core"
local error_codes = require "novita.http.error_codes"
local faces = require "novita.image.faces"
local findings = require "novita.cli.findings"
local journal = require "novita.batch.journal"
local key = require "novita.cli.key"
local ops = require "novita.async.op"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local version = require("novita.core").version

local checkup = {}

local CLOCK_MOST <const> = 60 -- seconds that clocks may differ

local finding = findings.new

local function versions()
  local libraries = core.versions()
  return finding("version", "ok", ("novita %s, %s, libcurl %s with %s"):format(version, _VERSION,
    libraries.curl, libraries.tls))
end

--- The limits of a libcurl older than 7.87.
---@param libcurl string its version
---@return table finding
---@package
function checkup.libcurl(libcurl)
  local major, minor = libcurl:match "^(%d+)%.(%d+)"
  local number = (tonumber(major) or 0) * 1000 + (tonumber(minor) or 0)
  if number >= 7087 then
    return finding("libcurl", "ok", ("%s has everything that novita uses"):format(libcurl))
  end
  local limits = "ignores SIGPIPE for the whole process during each request, and a name server "
    .. "that does not respond stops everything for seconds"
  if number < 7084 then
    limits = limits .. ", and its initialization is not thread-safe"
  end
  return finding("libcurl", "warning", ("%s %s"):format(libcurl, limits),
    "libcurl 7.87 or newer has none of these limits")
end

local function batches()
  local number, err = journal.sqlite_version()
  if not number then
    return finding("batches", "warning", ("not possible: %s"):format(err),
      "`train`, `batch` and `resume` need the rock novita-sqlite")
  end
  return finding("batches", "ok", ("SQLite %s"):format(number))
end

local function kernels()
  local name, refused = core.image.kernels()
  if refused then
    local text = ("%s kernels; NOVITA_SIMD=%s is not available"):format(name, refused)
    return finding("cpu", "warning", text,
      "unset NOVITA_SIMD, or name one that this machine and build have")
  elseif name == "scalar" then
    return finding("cpu", "warning", "scalar kernels: photos are prepared several times slower",
      "on x86-64 and ARM machines build with gcc or clang, and unset NOVITA_SIMD")
  end
  return finding("cpu", "ok", name .. " kernels")
end

-- Encodes an image in each format and prepares it.
local function codecs()
  for _, format in ipairs { "jpeg", "png", "webp" } do
    local canvas <close> = assert(Canvas.new(64, 48, 3))
    local bytes, err = canvas:encode { format = format }
    local ready = bytes and image.prepare(bytes, { size = 32 })
    if not ready then
      return finding("codecs", "failed", ("%s does not work: %s"):format(format, err or "decoding"),
        "install libjpeg-turbo, libpng and libwebp, and build novita again")
    end
  end
  return finding("codecs", "ok", "JPEG, PNG and WebP can be read and written")
end

-- Whether photos of phones can be read. Optional, so it is no problem if they cannot.
local function heif()
  local number = core.versions().heif
  local parts = {}
  for _, format in ipairs { "HEIC", "AVIF" } do
    local missing = core.image.missing(ascii.lower(format))
    parts[#parts + 1] = ("%s: %s"):format(format, missing and "install " .. missing or "yes")
  end
  local found = number and "libheif " .. number or "libheif is not installed"
  return finding("photos", "ok", ("%s (%s)"):format(found, table.concat(parts, ", ")))
end

-- Whether photos of people can be cropped around their faces. Optional, too.
local function face_detector()
  local missing = faces.missing()
  if missing then
    return finding("faces", "ok", missing.message)
  end
  local blank <close> = assert(Canvas.new(32, 32, 3))
  local found, err = image.faces(assert(blank:encode { format = "png" }))
  if not found then
    return finding("faces", "failed", err.message, "install the rock novita-faces again")
  end
  return finding("faces", "ok", "photos can be cropped around faces")
end

local function trusted(arguments)
  return finding("trust", "ok", "certificate authorities: "
    .. authorities.find(arguments.ca_file).source)
end

local function key_found(arguments)
  local ok, found, source = pcall(key.find, arguments.key_file)
  if not ok then
    return finding("key", "failed", tostring(found), "see above; never give the key as an argument")
  elseif not found then
    return finding("key", "failed", "no API key",
      ("novita auth login, or set NOVITA_API_KEY, or put the key into %s with mode 0600; "
        .. "novita emulator -- bash opens a shell that needs no key"):format(source))
  end
  return finding("key", "ok", "from " .. source), found
end

-- {====== the service ======

local advice_of = {
  network = "check your connection, DNS and firewall",
  tls = "a proxy may intercept the connection: its authority is given with --ca-file",
  timeout = "the network or the service is slow: try again",
}

-- A response with any status shows that the service is reachable; its date shows how the clocks
-- differ.
local function reach(client)
  local before = os.time()
  local response, err = ops.await(client.loop, function(future)
    return client.core:request(future, {
      method = "GET",
      url = client.base_url .. "/v3/user",
      authenticated = true,
      timeout = 20,
    })
  end)
  return response, err, (before + os.time()) / 2
end

local function clock(response, now)
  local theirs = response.date
  if not theirs then
    return finding("clock", "ok", "the response has no date")
  end
  local speed = (response.emulator or ""):match "clock x(%S+)"
  if speed then
    local text = ("the emulator has its own clock, with speed %s"):format(speed)
    return finding("clock", "ok", text)
  end
  local apart = math.floor(math.abs(theirs - now) + 0.5)
  if apart > CLOCK_MOST then
    return finding("clock", "warning", ("differs by %d s from the service's"):format(apart),
      "set this machine's clock: upload links are valid for minutes only")
  end
  local text = ("differs by at most %d s from the service's"):format(math.max(apart, 1))
  return finding("clock", "ok", text)
end

local function accepted(client)
  local left, err = client.account:balance(20)
  if left then
    return finding("account", "ok", ("the key is accepted; %.4f USD available"):format(left.usd))
  elseif error_codes.class_of(err) == "account" then
    return finding("account", "failed", tostring(err), "create a new key and use it")
  end
  return finding("account", "warning", tostring(err), "the balance could not be read")
end

local PHOTO_SECONDS <const> = 20

-- Upload links lead to a host other than the API's. A firewall or a name server may treat it
-- differently.
local function uploads(client)
  local canvas <close> = assert(Canvas.new(64, 48, 3))
  local photo = assert(canvas:encode { format = "png" })
  local id, err = client.assets:upload({ bytes = photo }, PHOTO_SECONDS)
  if id then
    return finding("uploads", "ok", "a small photo could be uploaded, which costs nothing")
  end
  return finding("uploads", "failed", tostring(err),
    advice_of[err.kind] or "photos cannot be uploaded: no training is possible from here")
end

-- A wrong URL or key is a finding, like everything else.
local function service(open)
  local ok, opened = pcall(open)
  if not ok then
    return { finding("service", "failed", tostring(opened),
      "correct it where it was given: an option, a variable of the environment or the key file") }
  end
  local client <close> = opened
  local response, err, now = reach(client)
  if not response then
    return { finding("network", "failed", tostring(err), advice_of[err.kind]) }
  end
  local text = ("%s responds"):format(client.base_url)
  local found = { finding("network", "ok", text), clock(response, now), accepted(client) }
  if found[3].state ~= "failed" then
    found[4] = uploads(client)
  end
  return found
end

-- }======

--- Runs all checks.
---@param arguments table
---@param open fun(): novita.Client
---@return table[] findings
function checkup.run(arguments, open)
  local list = { versions(), checkup.libcurl(core.versions().curl), kernels(), codecs(),
    heif(), face_detector(), batches(), trusted(arguments) }
  local about_key, found = key_found(arguments)
  list[#list + 1] = about_key
  if found then
    local more = service(open)
    table.move(more, 1, #more, #list + 1, list)
  end
  return list
end

return checkup
