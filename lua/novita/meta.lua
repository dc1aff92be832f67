---@meta novita.core
-- The C part, for editors and for docs/api: what `require "novita.core"` gives. Never required
-- itself. Scripts use what lua/novita makes of it; of its own accord nothing here checks more than
-- types. A `continuation` is any table: it comes back from `loop:next` with what there is to tell.
-- luacheck: ignore 212 241 431

local core = {}

--- Seconds of a clock that never goes back.
---@return number
function core.now() end

--- Makes a loop. It is one per Lua state: novita.scheduler makes it when it is first needed.
---@param options? { poll?: boolean, workers?: integer } poll: the poll(2) backend; workers: threads
--- for photos, default one per core
---@return novita.core.loop?
---@return novita.Error? err
function core.loop(options) end

--- Makes the connections of one account. The key goes in and does not come out again.
---@param loop novita.core.loop
---@param options table complete, as novita.options makes them
---@return novita.core.client?
---@return novita.Error? err the base URL cannot be used
function core.client(loop, options) end

--- Checks options for the preparation of photos; raises where they are wrong.
---@param options? novita.PrepareOptions
function core.check_prepare(options) end

--- Begins a SHA-256.
---@return novita.core.sha256
function core.sha256() end

--- Writes bytes as base64, on one line.
---@param text string
---@return string
function core.base64(text) end

--- Gives a finished file its name, in place of what had it; both survive a power cut.
---@param from string
---@param to string in the same file system
---@return boolean? done
---@return novita.Error? err
function core.put_in_place(from, to) end

--- Makes an empty file that only its owner can read, unless there is one of that name.
---@param path string
---@return boolean? new
---@return novita.Error? err
function core.private_file(path) end

--- Makes an empty file in place of whatever has the name; never through a symbolic link.
---@param path string
---@return boolean? done
---@return novita.Error? err
function core.fresh_file(path) end

--- Reads the first bytes of a file that is ours and that nobody else can read.
---@param path string links are followed
---@param most integer bytes
---@return string? text
---@return novita.Error? err
function core.read_private(path, most) end

--- The versions of the libraries in use.
---@return { curl: string, tls: string, jpeg: string, png: string, webp: string, lcms: string,
--- zlib: string }
function core.versions() end

--- What a coroutine of novita runs: pcall in two steps. The first resume leaves the function and its
--- arguments on the coroutine's own stack; the second one calls it.
---@param fn function
---@param ... any its arguments
---@return boolean ok
---@return any ... the results, or the error
function core.body(fn, ...) end

--- For programs: the signals that end or stop one wait until they are asked for. The library never
--- calls it. Open it before the first thread is started.
---@return novita.core.signals
function core.signals() end

local terminal = {}
core.terminal = terminal

--- Tells whether an open file is a terminal.
---@param file file*
---@return boolean
function terminal.is_terminal(file) end

--- Tells whether the program is in its terminal's foreground: after Ctrl-Z and `bg` it is not.
---@param file file*
---@return boolean
function terminal.is_ours(file) end

--- The size of a terminal; nothing where it does not say.
---@param file file*
---@return integer? columns
---@return integer? rows
function terminal.size(file) end

-- {====== the loop ======

---@class novita.core.loop
local loop = {}

--- Lets the world go on, without entering Lua: what there is to tell is in `next` then.
---@param seconds? number at most; nil until there is something to do
function loop:step(seconds) end

--- The next piece of news; nothing where there is none.
---@return table? continuation
---@return boolean? ended false: progress of a watched task
---@return any ... the result, or nil and an error
function loop:next() end

--- The descriptor to wait for from outside; nil where the backend has none.
---@return integer?
function loop:pollfd() end

--- Seconds until the next step is due even if the descriptor stays quiet; nil = no need.
---@return number?
function loop:timeout() end

--- Which system call waits.
---@return "epoll"|"poll"
function loop:backend() end

--- Whether anything is under way that will bring news.
---@return boolean
function loop:busy() end

--- Whether it is the loop of the process that has forked this one, to be left alone.
---@return boolean
function loop:inherited() end

--- Makes the descriptor readable: whoever waits for it from outside should step.
function loop:knock() end

--- Starts a timer.
---@param continuation table
---@param seconds number
---@return novita.core.timer
function loop:timer(continuation, seconds) end

--- Prepares a photo on a worker thread. The result is the op itself, a prepared photo now.
---@param continuation table
---@param source string|{ path?: string, bytes?: string }
---@param options? novita.PrepareOptions
---@return novita.core.prepare
function loop:prepare(continuation, source, options) end

--- Cancels what is under way, without news, and ends the threads. May be called twice.
function loop:close() end

-- }======

-- {====== what is under way ======

---@class novita.core.timer
local timer = {}

--- Stops it without news.
---@param loop novita.core.loop
function timer:cancel(loop) end

--- False once it has ended or was cancelled.
---@return boolean
function timer:running() end

---@class novita.core.request
local request = {}

--- Stops it without news.
---@param loop novita.core.loop
function request:cancel(loop) end

--- False once it has ended or was cancelled.
---@return boolean
function request:running() end

---@class novita.core.upload
local upload = {}

--- Stops it without news.
---@param loop novita.core.loop
function upload:cancel(loop) end

--- False once it has ended or was cancelled.
---@return boolean
function upload:running() end

--- How far it is.
---@return integer sent bytes
---@return integer total bytes
function upload:moved() end

---@class novita.core.download
local download = {}

--- Stops it without news.
---@param loop novita.core.loop
function download:cancel(loop) end

--- False once it has ended or was cancelled.
---@return boolean
function download:running() end

---@class novita.core.watch
local watch = {}

--- Stops it without news.
---@param loop novita.core.loop
function watch:cancel(loop) end

--- False once it has ended or was cancelled.
---@return boolean
function watch:running() end

--- Whether every change is news, or only the end.
---@param every boolean
function watch:listen(every) end

--- How the task stood when it was last asked about.
---@return string stage
---@return number? percent
---@return number? eta seconds
---@return string? trouble
---@return integer polls
function watch:progress() end

---@class novita.core.prepare
local prepare = {}

--- Stops it without news.
---@param loop novita.core.loop
function prepare:cancel(loop) end

--- False once it has ended or was cancelled.
---@return boolean
function prepare:running() end

--- What is known of the photo.
---@return novita.Prepared facts without the bytes
function prepare:facts() end

--- What would be uploaded.
---@return string
function prepare:bytes() end

--- The length of that.
---@return integer
function prepare:size() end

--- Frees the bytes before the collector does. May be called twice.
function prepare:close() end

-- }======

-- {====== a client ======

---@class novita.core.client
local client = {}

--- Sends a request. The result is a table: status, body, date, retry_after, attempts,
--- content_range, etag.
---@param continuation table
---@param wish { url: string, method?: "GET"|"POST", body?: string, keyed?: boolean, paid?: boolean,
--- limit?: integer, timeout?: number, attempt_timeout?: number, range?: string } paid: at most once
---@return novita.core.request? op
---@return novita.Error? err
function client:request(continuation, wish) end

--- Uploads a picture: asks for a URL, puts it there, and again with a fresh one where that fails.
--- The result is the asset's id.
---@param continuation table
---@param source { path?: string, bytes?: string, prepared?: novita.core.prepare }
---@param extension "jpeg"|"png"|"webp"
---@param timeout? number seconds, attempts and renewed URLs included; default: none
---@return novita.core.upload? op
---@return novita.Error? err
function client:upload(continuation, source, extension, timeout) end

--- Fetches a file, which is there whole or not at all. The result is its path.
---@param continuation table
---@param wish { url: string, path: string, limit: integer, timeout: number, is_picture?: boolean }
---@return novita.core.download? op
---@return novita.Error? err
function client:download(continuation, wish) end

--- Asks about a task until it has ended. The result is the name of the model that serves, or else
--- the body of the last answer; and the stage.
---@param continuation table
---@param kind "subject"|"style"|"image"
---@param task_id string
---@param first? number seconds until the first question; default: the client's
---@param timeout? number seconds; default: none
---@return novita.core.watch
function client:watch(continuation, kind, task_id, first, timeout) end

--- Closes the connections. What was under way brings no news any more.
---@return table[] continuations of it
function client:close() end

-- }======

-- {====== small things ======

---@class novita.core.sha256
local sha256 = {}

--- Adds bytes.
---@param text string
---@return novita.core.sha256 self
function sha256:add(text) end

--- The sum of what was added.
---@return string 64 hexadecimal digits
function sha256:hex() end

---@class novita.core.signals
local signals = {}

--- Takes one that is waiting.
---@return "INT"|"TERM"|"HUP"|"QUIT"|"TSTP"|nil
function signals:take() end

--- Stops the process as Ctrl-Z does, until it is continued.
function signals:stop() end

--- Signals act by themselves again. May be called twice.
function signals:close() end

-- }======

-- {====== pictures ======

--- Pixels in memory, 8 bits a sample. Closing one (or leaving the scope of a `<close>` variable)
--- frees its memory before the collector would.
---@class novita.Picture
local Picture = {}

--- Its width.
---@return integer pixels
function Picture:width() end

--- Its height.
---@return integer pixels
function Picture:height() end

--- What a pixel is made of.
---@return integer channels 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA
function Picture:channels() end

--- All samples, rows from the top.
---@return string bytes width * height * channels of them
function Picture:bytes() end

--- A picture of another size.
---@param options novita.ResizeOptions
---@return novita.Picture?
---@return novita.Error? err
function Picture:resize(options) end

--- The picture as a file's contents.
---@param options? novita.EncodeOptions
---@return string? bytes
---@return novita.Error? err
function Picture:encode(options) end

--- Lays another picture on it; what is outside is left away.
---@param other novita.Picture
---@param x integer pixels from the left
---@param y integer pixels from the top
---@return novita.Picture self
function Picture:paste(other, x, y) end

--- Fills a rectangle.
---@param x integer pixels from the left
---@param y integer pixels from the top
---@param width integer pixels
---@param height integer pixels
---@param red integer 0 to 255
---@param green integer 0 to 255
---@param blue integer 0 to 255
---@return novita.Picture self
function Picture:fill(x, y, width, height, red, green, blue) end

--- Writes a line of text, in a small fixed font of ASCII.
---@param x integer pixels from the left
---@param y integer pixels from the top
---@param text string
---@param options? novita.TextOptions
---@return novita.Picture self
function Picture:text(x, y, text, options) end

--- Frees its memory. May be called twice.
function Picture:close() end

-- }======

return core
