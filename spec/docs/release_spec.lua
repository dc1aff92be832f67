-- `make release` in a clone: what it writes can be installed and tested, and what it refuses.
local checkout = require "support.checkout"
local programs = require "support.programs"

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

describe("a release", function()
  local copy, folder
  setup(function()
    copy = checkout.copy()
    folder = programs.run "mktemp -d":match "%S+"
    local out, good = programs.run(([[cd %s && git config user.name novita &&
      git config user.email novita@localhost && git add -A && git commit -qm all]])
      :format(copy.folder))
    assert(good, out)
  end)
  teardown(function()
    copy:remove()
    os.execute("rm -rf " .. quote(folder))
  end)

  local function release(origin, to)
    return programs.run(("cd %s && lua5.4 tools/release.lua %s %s"):format(copy.folder,
      quote(origin), to))
  end

  local function refused(pattern, origin, to)
    local out, good = release(origin, to or folder .. "/refused")
    assert.is_false(good)
    assert.matches("^error: " .. pattern, out)
  end

  it("has rocks that install without a network, work, and leave nothing", function()
    if (os.getenv "BUILD" or "build") ~= "build" then
      pending "luarocks runs a Lua that cannot load these C modules"
      return
    end
    local out, good = release("file://" .. folder .. "/out", folder .. "/out")
    assert(good, out)
    assert.matches("novita %d+%.%d+%.%d+: upload ", out)
    -- the others take minutes to build: their files come from this checkout
    local rocks = { "novita-sqlite", "novita" }
    local tree = folder .. "/tree"
    out, good = programs.run(([[
set -e
LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;"
LUA_CPATH="$PWD/build/?.so;;"
cd %s/out
for rock in %s; do
  luarocks --lua-version 5.4 install --tree %s --deps-mode=none $rock-[0-9]*.src.rock
  luarocks --lua-version 5.4 unpack $rock-[0-9]*.src.rock
done
export LUA_PATH="%s/share/lua/5.4/?.lua;%s/share/lua/5.4/?/init.lua;$LUA_PATH"
export LUA_CPATH="%s/lib/lua/5.4/?.so;$LUA_CPATH"
for rock in %s; do
  (cd $rock-[0-9]*/$rock-[0-9]*/ && luarocks --lua-version 5.4 test $rock-[0-9]*.rockspec)
done
%s/bin/novita version
for rock in %s; do
  luarocks --lua-version 5.4 remove --tree %s --deps-mode=none --force $rock
done
echo left over:
find %s -type f ! -name 'manifest*']]):format(folder,
      table.concat(rocks, " "), tree, tree, tree, tree, table.concat(rocks, " "), tree,
      table.concat(rocks, " "), tree, tree))
    assert(good, out)
    for _, rock in ipairs(rocks) do
      assert.matches("\n" .. rock:gsub("%-", "%%-") .. " works\n", out)
    end
    assert.matches("left over:\n$", out)
    assert.matches("^v%d+%.%d+%.%d+\n$", (programs.run(("git -C %s tag"):format(copy.folder))))
  end)

  it("is refused without a real place, or with changes", function()
    refused("ORIGIN is a placeholder", "https://example.org/rocks")
    refused("name the URL", "rocks")
    refused("rockspec/project.lua: %l+ is a placeholder", "https://rocks.novita.test")
    copy:write("README.md", "changed\n")
    refused("there are changes", "file:///nowhere")
  end)
end)
