-- Makes a release: for each rock an archive of its files, a rockspec with a version, and a source
-- rock that LuaRocks installs without a network; and the tag. docs/releasing.md says the steps.
--   lua5.4 tools/release.lua ORIGIN [FOLDER]
--   ORIGIN   the URL of the folder that the archives will be downloaded from
--   FOLDER   an empty or new folder, default build/release

package.path = "tools/?.lua;" .. package.path

local project = dofile "rockspec/project.lua"
local rockspecs = require "release.rockspec"
local sources = require "release.sources"

local ROCKS <const> = { "novita-core", "novita-sqlite", "novita", "novita-service",
  "novita-emulator", "novita-faces", "novita-server", "novita-playground", "novita-postgresql" }

local function refuse(text, ...)
  io.stderr:write("error: ", text:format(...), "\n")
  os.exit(2)
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  if not pipe:close() then
    refuse("%s failed", command)
  end
  return (text:gsub("\n$", ""))
end

local function run(command, ...)
  output_of(command:format(...))
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

-- {====== what a release needs ======

local function is_placeholder(text)
  return text:find "example%.%a+" or text:find "localhost" or text:find "127%.0%.0%.1"
end

-- A release that stays on this machine, such as a try, may have placeholders.
local function check_origin(origin)
  if not origin or not origin:find "^%l+://" then
    refuse "name the URL that the archives will be downloaded from: make release ORIGIN=https://..."
  elseif origin:find "^file://" then
    return false
  elseif is_placeholder(origin) then
    refuse("ORIGIN is a placeholder: %s", origin)
  end
  for name, value in pairs(project) do
    if is_placeholder(value) then
      refuse("rockspec/project.lua: %s is a placeholder: %s", name, value)
    end
  end
  return true
end

local function version_of()
  local version = read("csrc/novita.h"):match '#define NOVITA_VERSION "([%d.]+)"'
  if not read("CHANGELOG.md"):find("\n## " .. version .. "\n", 1, true) then
    refuse("CHANGELOG.md has no heading \"## %s\"", version)
  end
  return version
end

local function check_tree()
  if output_of "git status --porcelain" ~= "" then
    refuse "there are changes that are not committed: a release is made of a commit"
  end
end

local function check_folder(folder)
  run("mkdir -p %s", quote(folder))
  if output_of("ls -A " .. quote(folder)) ~= "" then
    refuse("%s is not empty", folder)
  end
end

local function is_tagged(name)
  local tagged = output_of(("git rev-parse -q --verify %s^{commit} || :"):format(name))
  if tagged ~= "" and tagged ~= output_of "git rev-parse HEAD" then
    refuse("%s is the tag of another commit: raise NOVITA_VERSION in csrc/novita.h", name)
  end
  return tagged ~= ""
end

-- }======

-- {====== the files ======

-- The same commit gives the same bytes.
local function pack(folder, stem, files)
  local list = folder .. "/.files"
  write(list, table.concat(files, "\n") .. "\n")
  run("tar --sort=name --mtime=@%s --owner=0 --group=0 --numeric-owner --transform='s,^,%s/,' "
    .. "-cf - -T %s | gzip -n9 >%s", output_of "git log -1 --format=%ct", stem, quote(list),
    quote(("%s/%s.tar.gz"):format(folder, stem)))
  os.remove(list)
end

local function make_rock(folder, rock, version, origin, public)
  local text = read(("rockspec/%s-scm-1.rockspec"):format(rock))
  local stem = rock .. "-" .. version
  pack(folder, stem, sources.of(rockspecs.read(text)))
  local archive = ("%s/%s.tar.gz"):format(folder, stem)
  local name = ("%s/%s-1"):format(folder, stem)
  write(name .. ".rockspec", rockspecs.released(text, {
    version = version,
    url = ("%s/%s.tar.gz"):format(origin, stem),
    md5 = output_of("md5sum <" .. quote(archive)):match "^%x+",
    homepage = public and project.homepage or nil,
    maintainer = public and project.maintainer or nil,
  }))
  run("zip -qjX %s %s %s", quote(name .. ".src.rock"), quote(name .. ".rockspec"), quote(archive))
  print("wrote " .. name .. ".src.rock")
end

-- }======

local origin, folder = arg[1], arg[2] or "build/release"
local public = check_origin(origin)
local version = version_of()
check_tree()
check_folder(folder)
local tag = "v" .. version
local tagged = is_tagged(tag)
for _, rock in ipairs(ROCKS) do
  make_rock(folder, rock, version, (origin:gsub("/$", "")), public)
end
run("luarocks-admin --lua-version 5.4 make-manifest %s", quote(folder))
if not tagged then
  run("git tag -a %s -m %s", tag, quote("novita " .. version))
end
print(("novita %s: upload %s to %s, and push the tag %s"):format(version, folder, origin, tag))
