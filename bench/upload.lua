--- Benchmark of uploading: 500 files of 1.5 MB over TLS into nginx, against a
--- bare SSL_write loop (the floor) and against curl -Z (the peer).
--
--   lua5.4 bench/upload.lua [--floor] [--runs 7] [--files 500] [--kb 1500]
--                           [--connections 4]
--
-- `make bench-upload` builds and runs it. Rounds are interleaved; a printed figure is the
-- median of its rounds, a ratio the median of the ratios within each round. --floor
-- omits the library. The library
-- performs the whole protocol (presign, PUT); floor and peer are given their URLs.

package.path = "bench/?.lua;" .. package.path
local support = require "support"

local SEEDS = 4 -- different files; the others are links to them

-- THE CLIENT UNDER TEST ----------------------------------------------------

--- Uploads files with the library.
---@param url string base URL of the server
---@param ca string file of the CA that signed its certificate
---@param connections integer
---@param paths string[]
local function upload(url, ca, connections, paths)
  local novita = support.library()
  local client = novita.client {
    api_key = "sk_bench",
    base_url = url,
    ca_file = ca,
    connections = connections,
  }
  local cpu, assets = os.clock(), assert(client:upload(paths):wait())
  assert(#assets == #paths, "not every file has an asset id")
  return os.clock() - cpu
end

-- THE MEASURED PROCESS -----------------------------------------------

local function list(folder, files)
  local paths = {}
  for i = 1, files do
    paths[i] = ("%s/%03d.jpeg"):format(folder, i)
  end
  return paths
end

local function measure_client(url, ca, folder, options)
  local cpu = upload(url, ca, options.connections, list(folder, options.files))
  print(("bench upload cpu_s %.4f"):format(cpu))
  print(("bench upload peak_rss_mb %.1f"):format(support.memory "VmHWM" / 1e6))
end

-- THE DRIVER -------------------------------------------------------------------

--- Creates the files in the server's folder, which is removed even when this driver
--- is killed.
---@return string folder
local function make_files(server, options)
  local script = ([[
    cd %s && mkdir files && i=1
    while [ $i -le %d ]; do
      name=files/$(printf %%03d $i).jpeg
      if [ $i -le %d ]; then # a photo's header, so that its format is recognised
        (cat "$OLDPWD"/examples/photos/lamp-bird.jpg; cat /dev/urandom) | head -c %d >$name
      else ln files/$(printf %%03d $((i %% %d + 1))).jpeg $name; fi || exit 1
      i=$((i + 1))
    done]]):format(
    support.quote(server.dir), options.files, SEEDS, options.kb * 1000, SEEDS
  )
  if not os.execute(script) then
    error("cannot create the files", 0)
  end
  return server.dir .. "/files"
end

local function start_server()
  local server = support.start("sh bench/upload_server.sh 900", 6, "^pid (%d+)$")
  for _, line in ipairs(server.first) do
    local name, value = line:match "^(%l+) (.+)$"
    server[name] = value
  end
  return server
end

--- Every file must have arrived complete, in every round of every peer.
local function check_log(server, uploads, options)
  os.execute "sleep 1.5" -- nginx writes its log every second
  local whole, others = 0, 0
  for line in io.lines(server.log) do
    local status, bytes = line:match "^(%d+) (%d+)$"
    if status == "200" and tonumber(bytes) > options.kb * 1000 then
      whole = whole + 1
    else
      others = others + 1
    end
  end
  if whole ~= uploads or others > 0 then
    error(("%d complete uploads of %d, and %d others"):format(whole, uploads, others), 0)
  end
end

-- Measures the wall time of ours and of curl in the same way: the whole process, by bash.
local TIMED = [[bash -c 'TIMEFORMAT="bench upload wall_s %R"
  { time timeout 300 "$@" 2>&3; } 3>&2 2>&1' timed ]]

local function commands(server, folder, options)
  local where = ("%s %s %s"):format(
    server.url, support.quote(server.ca), support.quote(folder)
  )
  local floor = ("%s/upload_floor %d %s %s %d"):format(
    support.programs, server.port, support.quote(server.ca),
    support.quote(folder), options.connections
  )
  local curl = ("bash bench/upload_curl.sh %s %d"):format(where, options.connections)
  local client = TIMED .. ("%s %s --client %s --files %d --connections %d"):format(
    support.quote(arg[-1]), support.quote(arg[0]), where, options.files, options.connections
  )
  return floor, curl, client
end

-- Presigns as well, and offers the suite that the library puts first.
local SAME_WORK = " 1 TLS_AES_128_GCM_SHA256"

local function rounds(results, server, folder, options)
  local floor, curl, client = commands(server, folder, options)
  for _ = 1, options.runs do
    local bare, peer = support.run(floor), support.run(curl)
    if not options.floor then
      local ours, same = support.run(client), support.run(floor .. SAME_WORK)
      results:add_all(ours)
      results:add("cpu_ratio_to_floor", ours.cpu_s / bare.floor_cpu_s)
      results:add("cpu_ratio_to_same_work", ours.cpu_s / same.floor_cpu_s)
      results:add("wall_ratio_to_curl_parallel", ours.wall_s / peer.curl_wall_s)
    end
    results:add_all(bare)
    results:add_all(peer)
    results:add("curl_cpu_ratio_to_floor", peer.curl_cpu_s / bare.floor_cpu_s)
    results:add("floor_wall_ratio_to_curl_parallel", bare.floor_wall_s / peer.curl_wall_s)
  end
end

local function drive(options)
  if not options.floor then
    support.library()
  end
  local results = support.table()
  local server <close> = start_server()
  rounds(results, server, make_files(server, options), options)
  local peers = options.floor and 2 or 4
  check_log(server, peers * options.runs * options.files, options)
  results:print "upload"
end

support.main("bench/upload.lua", function()
  local options = support.options(arg, {
    floor = false, runs = 7, files = 500, kb = 1500, connections = 4, client = false,
  })
  if options.client then
    measure_client(options[1], options[2], options[3], options)
  else
    drive(options)
  end
end)
