--- One step of the loop works for some ten milliseconds, however much there is to do.

local co = require "support.coroutines"
local core = require "novita.core"
local fixtures = require "support.fixtures"
local lfs = require "lfs"
local scheduler = require "novita.async.scheduler"
local support = require "support.client"

local MANY <const> = 24
local FEW <const> = 6 -- two, if the clock is exact

local function busy(seconds)
  local till = core.now() + seconds
  while core.now() < till do end
end

describe("a step", function()
  it("resumes only a few fibers if each needs long", function()
    local started, resumed = 0, 0
    local group <close> = co.group()
    for _ = 1, MANY do
      group:spawn(function()
        started = started + 1
        busy(0.006)
        coroutine.yield()
        resumed = resumed + 1
        busy(0.006)
      end)
    end
    local before, most = { 0, 0 }, 0
    while resumed < MANY do
      scheduler.own():step(0)
      most = math.max(most, started - before[1], resumed - before[2])
      before = { started, resumed }
    end
    assert.is_true(most <= FEW, most .. " in one step")
  end)

  it("hands on only a few events if each needs long", function()
    local loop = scheduler.own()
    local seen, most = 0, 0
    for _ = 1, MANY do
      loop:core():timer({ finish = function()
        seen = seen + 1
        busy(0.006)
      end }, 0)
    end
    while seen < MANY do
      local before = seen
      loop:step(0)
      most = math.max(most, seen - before)
    end
    assert.is_true(most <= FEW, most .. " in one step")
  end)

  -- A server that responds when the file "go" exists, to all requests at once: with 8 MB, which are
  -- compressed to a twentieth.
  local SERVER <const> = [[
use strict; use warnings; use IO::Handle; use IO::Socket::INET; use IO::Compress::Gzip qw(gzip);
$| = 1;
my ($folder, $count) = @ARGV;
my $text = join '', map { pack('N', rand 2 ** 32) . ' ' x 124 } 1 .. 1 << 16;
gzip \$text => \my $body;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 100) or die $!;
print $listener->sockport, "\n";
my @clients = map {
  my $client = $listener->accept or die $!;
  my $head = '';
  until ($head =~ /\r\n\r\n/) { sysread $client, $head, 65536, length $head or die }
  $client;
} 1 .. $count;
open my $asked, '>', "$folder/asked";
select undef, undef, undef, 0.02 until -e "$folder/go";
syswrite $_, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " . length($body)
  . "\r\n\r\n$body" for @clients;
open my $sent, '>', "$folder/sent";
select undef, undef, undef, 0.02 until -e "$folder/end";
]]

  it("reads only a few responses if each must be decompressed", function()
    local folder <close> = support.folder()
    fixtures.write(folder.path .. "/server.pl", SERVER)
    local pipe = assert(io.popen(("timeout 60 perl %s/server.pl %s %d"):format(folder.path,
      folder.path, MANY)))
    local service = { api_key = "sk_test", base_url = "http://127.0.0.1:" .. pipe:read "l" }
    local clients <close> = setmetatable({}, { __close = function(self)
      for _, client in ipairs(self) do client:close() end
    end })
    local loop, ended, most, sizes = scheduler.own(), 0, 0, {}
    local continuation = { finish = function(_, raw)
      ended, sizes[#raw.body] = ended + 1, true
    end }
    for i = 1, MANY do
      clients[i] = fixtures.client(service, { retry = { attempts = 1 } })
      assert(clients[i].core:request(continuation, { url = service.base_url .. "/",
        authenticated = true, limit = 40 << 20, timeout = 60 }))
    end
    while not lfs.attributes(folder.path .. "/asked") do loop:step(0.02) end
    fixtures.write(folder.path .. "/go", "")
    repeat os.execute "sleep 0.05" until lfs.attributes(folder.path .. "/sent")
    while ended < MANY do
      local before = ended
      loop:step(1)
      most = math.max(most, ended - before)
    end
    fixtures.write(folder.path .. "/end", "")
    pipe:close()
    assert.same({ [8 << 20] = true }, sizes)
    assert.is_true(most <= FEW, most .. " in one step")
  end)
end)
