---@meta novita.emulator.server
-- Declares the C module of the emulator for editors and for docs/api. Nothing requires this file:
-- scripts use novita.emulator.
-- luacheck: ignore 212 241

local server = {}

--- Starts a service: a socket on 127.0.0.1, its threads, and a separate Lua state for the rules.
---@param options string JSON
---@param port integer 0 = any free port
---@param body_limit integer bytes of a request body
---@return novita.emulator.Running?
---@return string? message why it cannot start
function server.start(options, port, body_limit) end

---@class novita.emulator.Running
local running = {}

--- The port that it listens on.
---@return integer
function running:port() end

--- Calls a function of the rules.
---@param name string
---@param text string JSON: a list of arguments
---@return string text JSON: a list of results
function running:call(name, text) end

--- Stops it. May be called twice.
function running:stop() end

--- The C functions that the rules use.
local crypto = {}
server.crypto = crypto

--- SHA-256.
---@param bytes string
---@return string bytes 32
function crypto.sha256(bytes) end

--- MD5, for ETags.
---@param bytes string
---@return string bytes 16
function crypto.md5(bytes) end

--- HMAC with SHA-256.
---@param key string
---@param bytes string
---@return string bytes 32
function crypto.hmac_sha256(key, bytes) end

--- Bytes as lower-case hexadecimal digits.
---@param bytes string
---@return string
function crypto.hex(bytes) end

--- Decodes base64; blanks and line ends are skipped.
---@param text string
---@return string? bytes nil if the text is not base64
function crypto.from_base64(text) end

--- Random bytes.
---@param count integer
---@return string bytes
function crypto.random(count) end

--- Seconds on a monotonic clock.
---@return number
function crypto.now() end

--- Unix time in seconds, with a fraction.
---@return number
function crypto.time() end

return server
