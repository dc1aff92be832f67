--- novita wait <task id> [subject|style|image]

local wait = { help = "<task id> [subject|style|image]: waits for a task" }

function wait.run(arguments)
  local novita = require "novita"
  assert(arguments[1], "give the task id")
  local client <close> = novita.client {}
  local kind = arguments[2] or "subject"
  local result = assert(novita.progress.show(client:attach(arguments[1], kind)))
  if kind == "image" then
    for i, shot in ipairs(result) do
      print(shot:save(("novita-%d.%s"):format(i, shot.type)))
    end
  else
    print("serving: " .. tostring(result))
  end
end

return wait
