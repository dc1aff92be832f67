--- Programs for Node with a few npm packages, which are downloaded once into build/ and are not a
--- part of the rock. Without them a spec is pending, with the reason.

local node = {}

local FOLDER = "build/node"
local INSTALL = [[
  command -v node >/dev/null && command -v npm >/dev/null || { echo "no node, or no npm"; exit 1; }
  [ -f %s/ready ] && exit 0
  rm -rf %s && mkdir -p %s && cd %s || exit 1
  timeout 120 sh -c '
    npm pack --silent novita-sdk@3.1.3 >/dev/null && tar xzf novita-sdk-3.1.3.tgz &&
    npm i --silent --no-audit --no-fund --ignore-scripts axios@1 @aws-sdk/client-s3@3 \
      @aws-sdk/s3-request-presigner@3 >/dev/null &&
    mkdir -p node_modules/novita-sdk && cp -r package/* node_modules/novita-sdk/ && touch ready
  ' >/dev/null 2>&1 || { echo "npm cannot fetch the packages"; exit 1; }]]

--- Makes the packages ready.
---@return boolean? ready
---@return string? why not
function node.ready()
  local pipe = assert(io.popen(INSTALL:format(FOLDER, FOLDER, FOLDER, FOLDER)))
  local why = pipe:read "a"
  return pipe:close(), (why:gsub("%s+$", ""))
end

--- Runs spec/fixtures/<program> and gives what it printed.
---@param program string
---@param ... string arguments
---@return string
function node.run(program, ...)
  local words = {}
  for i, word in ipairs { ... } do words[i] = "'" .. word:gsub("'", "'\\''") .. "'" end
  local command = ("cd %s && timeout 60 node ../../spec/fixtures/%s %s"):format(FOLDER, program,
    table.concat(words, " "))
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  assert(pipe:close(), "node failed: " .. text)
  return text
end

return node
