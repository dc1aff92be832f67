-- After libcurl had run out of memory during a transfer, its multi handle was still used: libcurl
-- 7.88 divided by zero when the socket's number was used again, and queued calls waited forever.

local programs = require "support.programs"
local sanitized = os.getenv "NOVITA_SANITIZED" -- its malloc does not like a library before it

-- Wraps libcurl: its third socket action fails, and the program ends if it uses that handle
-- again.
local SHIM <const> = [[
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static void *broken;
static int actions;

int curl_multi_socket_action (void *multi, int fd, int mask, int *running) {
  int (*real) (void *, int, int, int *) = dlsym(RTLD_NEXT, "curl_multi_socket_action");
  if (multi == broken) {
    puts("a broken handle was used");
    exit(3);
  }
  if (++actions != 3) return real(multi, fd, mask, running);
  broken = multi;
  return 3;  /* CURLM_OUT_OF_MEMORY */
}

int curl_multi_cleanup (void *multi) {
  int (*real) (void *) = dlsym(RTLD_NEXT, "curl_multi_cleanup");
  if (multi == broken) broken = NULL;
  return real(multi);
}
]]

local SCRIPT <const> = [[
local co = require "support.coroutines"
local support = require "support.client"
local service <close> = support.service()
local client <close> = support.client(service, { connections = 2 })
co.run(function()
  for i = 1, 6 do
    co.spawn(function()
      local account, err = client.account:balance(10)
      print(i, account and "responded" or err.kind)
    end)
  end
end)
print(client.account:balance(10) and "afterwards" or "nothing")
]]

describe("a libcurl multi handle that ran out of memory", function()
  if sanitized then
    return pending "make fail-allocations"
  end

  it("is replaced: its transfers fail, and queued requests continue", function()
    local files = require "support.files"
    local source, script = files.temporary(SHIM), files.temporary(SCRIPT)
    local shim = os.tmpname()
    assert(os.execute(("cc -shared -fPIC -x c -o '%s' '%s' -x none -Wl,--no-as-needed -lcurl -ldl")
      :format(shim, source)))
    local out, good = programs.run(("LD_PRELOAD='%s' LUA_PATH='%s' LUA_CPATH='%s' timeout 60 "
      .. "lua5.4 '%s'"):format(shim, package.path, package.cpath, script))
    for _, path in ipairs { source, script, shim } do os.remove(path) end
    assert(good, out)
    local failed, responded = 0, 0
    for what in out:gmatch "%d+\t(%l+)" do
      if what == "memory" then failed = failed + 1 end
      if what == "responded" then responded = responded + 1 end
    end
    assert.is_true(failed >= 1 and failed <= 2, out)
    assert.equal(6, failed + responded, out)
    assert.matches("afterwards\n$", out)
  end)
end)
