-- A training in a program of cqueues.

local cqueues = require "cqueues"
local novita = require "novita"
local people = require "programs.support.people"

local client = novita.client { loop = require "novita.loop.cqueues" }
local controller = cqueues.new()
controller:wrap(function()
  print(client:train(people.params "anna"):wait())
  client:close()
end)
assert(controller:loop())
