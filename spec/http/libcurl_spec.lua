-- A libcurl that is older than the one at build time is rejected when a client is created.

local interpreter = require "support.interpreter"

local build = os.getenv "BUILD" or "build"

-- A preloaded library that reports `version` as libcurl's.
local function pretender(folder, number, version)
  local path = folder .. "/pretend.c"
  local file <close> = assert(io.open(path, "w"))
  file:write(([[
    #include <curl/curl.h>
    curl_version_info_data *curl_version_info (CURLversion which) {
      static curl_version_info_data old;
      (void)which;
      old.version = "%s";
      old.version_num = %s;
      return &old;
    }
  ]]):format(version, number))
  file:close()
  assert(os.execute(("cc -shared -fPIC -o %s/pretend.so %s"):format(folder, path)))
  return folder .. "/pretend.so"
end

local function run(preloaded)
  local script = os.tmpname()
  local file <close> = assert(io.open(script, "w"))
  file:write "print(pcall(require('novita').client, { api_key = 'none' }))"
  file:close()
  local pipe <close> = assert(io.popen(("LD_PRELOAD=%s LUA_CPATH='%s/?.so;;' %s %s 2>&1")
    :format(preloaded, build, interpreter, script)))
  local output = pipe:read "a"
  os.remove(script)
  return output
end

describe("libcurl", function()
  if os.getenv "NOVITA_SANITIZED" then
    pending("is not replaced under the sanitizers", function() end)
    return
  end

  it("is rejected if it is older than at build time", function()
    local folder = require("support.cli").folder()
    local old = run(pretender(folder, "0x074300", "7.67.0"))
    local new = run(pretender(folder, "0x080000", "8.0.0"))
    require("support.cli").remove(folder)
    assert.matches("^false%s+libcurl 7%.67%.0 is too old for what novita was built with", old)
    assert.matches("^true%s+novita%.Client", new)
  end)
end)
