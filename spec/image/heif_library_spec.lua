-- The declarations of libheif's functions in csrc/image/heif/library.h against libheif's own
-- header. The core is built without that header, so nothing else would notice a difference.

local compiler = io.popen "printf '#include <libheif/heif.h>' | cc -E -o /dev/null - 2>&1"
local missing = compiler:read "l"
compiler:close()
if missing then
  print "libheif-dev is not installed: its header is not compared"
  return
end

-- The constants and members of our header, each compared with those of libheif.
local program = [[
#include <stddef.h>
#include <stdio.h>
#ifdef THEIRS
#include <libheif/heif.h>
#endif
#include "csrc/image/heif/library.h"
#define SAME(result, name, arguments) \
  _Static_assert(__builtin_types_compatible_p(__typeof__(&name), \
                                              result (*) arguments), #name);
#ifdef THEIRS
NOVITA_HEIF_FUNCTIONS(SAME)
NOVITA_HEIF_NEW_FUNCTIONS(SAME)
#endif
#define NUMBER(x) printf(#x " %d\n", (int)(x));
#define MEMBER(type, name) \
  printf(#type "." #name " %d\n", (int)offsetof(struct type, name));
int main (void) {
  %s
  return 0;
}
]]

local function lines()
  local file <close> = assert(io.open "csrc/image/heif/library.h")
  local text = file:read "a"
  local found = {}
  local ours = text:match "#ifndef LIBHEIF_HEIF_H(.-)\n#endif"
  for list in ours:gmatch "enum [%w_]+ (%b{})" do
    for name in list:gmatch "(heif_[%w_]+) =" do
      found[#found + 1] = ("NUMBER(%s)"):format(name)
    end
  end
  for type, list in ours:gmatch "struct ([%w_]+) (%b{})" do
    for member in list:gmatch "([%w_]+);" do
      found[#found + 1] = ("MEMBER(%s, %s)"):format(type, member)
    end
    for member in list:gmatch "%(%*([%w_]+)%)" do
      found[#found + 1] = ("MEMBER(%s, %s)"):format(type, member)
    end
  end
  return table.concat(found, "\n  "), #found
end

local function run(flag)
  local path = os.tmpname()
  local file = assert(io.open(path .. ".c", "w"))
  file:write((program:gsub("%%s", (lines()))))
  file:close()
  local pipe = assert(io.popen(("cc -std=gnu11 -I. %s -o %s %s.c 2>&1 && %s"):format(flag, path,
    path, path)))
  local output = pipe:read "a"
  local ok = pipe:close()
  os.remove(path)
  os.remove(path .. ".c")
  assert(ok, output)
  return output
end

describe("our declarations of libheif", function()
  it("are those of its header", function()
    local ours = run ""
    assert.is_true(select(2, lines()) >= 20)
    assert.equal(run "-DTHEIRS", ours)
  end)
end)
