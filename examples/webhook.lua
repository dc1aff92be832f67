-- Generates an image and waits for the event that it is there, instead of polling.
--
--   novita emulator -- lua5.4 examples/webhook.lua
--
-- It needs the rock luasocket. The emulator reaches this receiver on 127.0.0.1; the service needs a
-- URL that it can reach, such as that of a web server which passes the request on. Make that URL
-- hard to guess, since an event has no signature.

local lfs = require "lfs"
local novita = require "novita"
local socket = require "socket"

local SIZE_MOST <const> = 1000000 -- bytes of an event

-- Reads one HTTP request and returns its body. The sender waits five seconds for the response.
local function receive(connection)
  connection:settimeout(5)
  local length = 0
  repeat
    local line = assert(connection:receive "*l")
    length = tonumber(line:lower():match "^content%-length: *(%d+)") or length
  until line == ""
  assert(length <= SIZE_MOST, "the event is too big")
  local body = assert(connection:receive(length))
  connection:send "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
  connection:close()
  return body
end

local client <close> = novita.client {}
local listener = assert(socket.bind("127.0.0.1", 0))
local _, port = listener:getsockname()

local ordered = assert(client:generate {
  model_name = "realisticVisionV51_v51VAE_94301.safetensors",
  prompt = "a lighthouse in a storm",
  size = 512,
  webhook = { url = ("http://127.0.0.1:%d/%s"):format(port, "d41d8cd98f00b204") },
})
for _ in ordered:updates() do -- nothing is sent before something waits
  if ordered.task_id then
    break
  end
end

listener:settimeout(60)
local connection = assert(listener:accept())
local task = assert(client.images:parse_webhook(receive(connection)))
assert(lfs.attributes("out", "mode") or lfs.mkdir "out")
for i, image in ipairs(assert(task:wait())) do -- it has ended: this only returns the result
  print("saved " .. assert(image:save(("out/webhook-%d.%s"):format(i, image.image_type))))
end
