---@meta novita.httpd
-- Declares the C modules of the rock novita-service for editors and for docs/api. Nothing requires
-- this file.
-- luacheck: ignore 212 241 221

-- {====== novita.httpd: the HTTP server ======

local httpd = {}

---@class novita.httpd.Settings
---@field name string for messages, such as "the emulator"
---@field entry string the module that the server runs; its `open(options, port)` returns a
--- novita.httpd.Program
---@field options string text for `open`, such as JSON
---@field address? string a number; default "127.0.0.1"; one that others can reach needs TLS
---@field port integer 0 = any free port
---@field certificate? string file with the certificates of the server, in PEM: with TLS
---@field key? string file with their key
---@field body_limit integer bytes of a request body
---@field timeout? integer seconds after which a connection without traffic is closed; default: never
---@field tick number seconds between two calls of the program's `tick`; 0 = none

---@class novita.httpd.Program
---@field handle fun(request: table): novita.service.Response called for each request; if it has a
--- body, first at its head
---@field control fun(name: string, text: string): string what `server:call` calls
---@field tick? fun()

--- Starts a server: a listening socket, two threads, and a separate Lua state for the program.
---@param settings novita.httpd.Settings
---@return novita.httpd.Server?
---@return string? message why it cannot start
function httpd.start(settings) end

---@class novita.httpd.Server
local server = {}

--- The port that it listens on.
---@return integer
function server:port() end

--- Calls the program's `control`. Raises what it raises.
---@param name string
---@param text string
---@return string text
function server:call(name, text) end

--- Stops it. May be called twice.
function server:stop() end

-- }======

-- {====== novita.service.core ======

local core = {}

--- Starts a thread that posts webhooks to this machine, one after the other.
---@return novita.service.Sender
function core.sender() end

---@class novita.service.Sender
local sender = {}

--- Adds a request to the queue.
---@param number integer any; `take` returns it
---@param port integer on 127.0.0.1
---@param seconds number how long the whole delivery may take
---@param request string the whole HTTP request
function sender:add(number, port, seconds, request) end

--- The next delivery that has ended, if there is one.
---@return integer? number
---@return integer? status of the response; 0 = none in time
function sender:take() end

--- Ends the thread. May be called twice.
function sender:close() end

--- Functions that plain Lua does not have.
local crypto = {}
core.crypto = crypto

--- SHA-256.
---@param bytes string
---@return string bytes 32
function crypto.sha256(bytes) end

--- SHA-256 of what a function makes.
---@param read fun(position: integer): string the bytes from there on, any number; "" at the end
---@return string bytes 32
function crypto.sha256_of(read) end

--- MD5, for ETags.
---@param bytes string
---@return string bytes 16
function crypto.md5(bytes) end

--- HMAC with SHA-256.
---@param key string
---@param bytes string
---@return string bytes 32
function crypto.hmac_sha256(key, bytes) end

--- SHA-256 and MD5 of a file, which is read once.
---@param path string
---@return string? sha256 32 bytes
---@return string md5_or_message 16 bytes, or why the file cannot be read
function crypto.file_digests(path) end

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

-- }======

return httpd
