-- A training in a program of libuv.

local novita = require "novita"
local people = require "programs.support.people"
local uv = require "luv"

local client = novita.client { loop = require "novita.loop.luv" }
coroutine.wrap(function()
  print(client:train(people.params "anna"):wait())
  client:close()
end)()
uv.run()
