---@meta novita.emulator.server
-- The C part of the emulator, for editors and for docs/api. Never required itself: scripts use
-- novita.emulator.
-- luacheck: ignore 212 241

local server = {}

--- Starts a service: a socket on 127.0.0.1, its threads and a Lua state of its own for the rules.
---@param options string JSON
---@param port integer 0 takes a free one
---@param body_limit integer bytes of a request
---@return novita.emulator.Running?
---@return string? message where it cannot listen
function server.start(options, port, body_limit) end

---@class novita.emulator.Running
local running = {}

--- The port it listens on.
---@return integer
function running:port() end

--- Calls a function of the rules.
---@param name string
---@param text string JSON: a list of arguments
---@return string text JSON: a list of results
function running:call(name, text) end

--- Ends it. May be called twice.
function running:stop() end

--- What the rules have from C.
local host = {}
server.host = host

--- SHA-256.
---@param bytes string
---@return string bytes 32
function host.sha256(bytes) end

--- MD5, for ETags.
---@param bytes string
---@return string bytes 16
function host.md5(bytes) end

--- HMAC with SHA-256.
---@param key string
---@param bytes string
---@return string bytes 32
function host.hmac_sha256(key, bytes) end

--- Bytes as lower-case hexadecimal digits.
---@param bytes string
---@return string
function host.hex(bytes) end

--- The bytes of base64 text; blanks and line ends in it are passed over.
---@param text string
---@return string? bytes nil where it is no base64
function host.from_base64(text) end

--- Random bytes.
---@param count integer
---@return string bytes
function host.random(count) end

--- Seconds of a clock that never goes back.
---@return number
function host.now() end

--- Unix seconds, with fraction.
---@return number
function host.time() end

return server
