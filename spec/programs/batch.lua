-- Trains a model of each folder, with a journal.

local novita = require "novita"
local people = require "programs.support.people"

local client <close> = novita.client()

local batch <close> = assert(novita.batch { client = client, journal = "people.db",
  jobs = "photos/", defaults = people.shared })
print(assert(batch:dry_run()))
local run = batch:run { max_trainings = 50 }
for job in run:updates() do
  print(job)
end
print(assert(run:wait()))
