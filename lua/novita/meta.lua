---@meta novita.core
-- Declares the C module `novita.core` for editors and for docs/api. Nothing requires this file.
-- Scripts use lua/novita, which is built on this module; the functions here check only types.
-- A `continuation` is any table: `loop:next` returns it together with the result.
-- luacheck: ignore 212 241 431

local core = {
  version = "", -- of novita: NOVITA_VERSION in csrc/novita.h
  has_watchdog = true, -- whether a request may have one: on Linux, except as process 1
}

--- Seconds on a monotonic clock.
---@return number
function core.now() end

--- Seconds of a clock that also counts while the machine sleeps.
---@return number
function core.boot_time() end

--- Creates a loop. There is one per Lua state: novita.async.scheduler creates it on first use.
---@param options? { poll?: boolean, workers?: integer, memory?: integer } poll: the poll(2) backend;
--- workers: threads for photos, default one per core; memory: bytes that their photos may need
--- together, default 1 GiB
---@return novita.core.loop?
---@return novita.Error? err
function core.loop(options) end

--- Creates the client of one account. Lua cannot read the key back.
---@param loop novita.core.loop
---@param options table complete, as built by novita.options
---@return novita.core.client?
---@return novita.Error? err if the base URL cannot be used
function core.client(loop, options) end

--- Starts a SHA-256 digest.
---@return novita.core.sha256
function core.sha256() end

--- Encodes bytes as base64, on one line.
---@param text string
---@return string
function core.base64(text) end

--- Random bytes of the system, as hexadecimal digits.
---@param count integer bytes, at most 64
---@return string? digits two for each byte; nil if the system gives none
function core.random_hex(count) end

--- Opens a file that grows until it is complete, or creates it, and locks it: while it is open, no
--- other call and no other process can open it. A link is replaced and not followed.
---@param path string
---@return novita.core.part_file?
---@return novita.Error? err code "locked" if another call or process has it
function core.part_file(path) end

--- Creates an empty file that only its owner can read, unless the file exists.
---@param path string
---@return boolean? new
---@return novita.Error? err
function core.create_private_file(path) end

--- Creates an empty file, replacing an existing one. It never follows a symbolic link.
---@param path string
---@return boolean? done
---@return novita.Error? err
function core.create_file(path) end

--- Reads the first bytes of a file that is ours and that no one else can read.
---@param path string links are followed
---@param limit integer bytes, at most 65536
---@return string? text
---@return novita.Error? err
function core.read_private_file(path, limit) end

--- Whether another process works on a journal. Not for a process that may work on it itself.
---@param path string
---@return boolean? locked nil if that cannot be known
function core.is_journal_locked(path) end

--- Removes a file, or a link. A power cut afterwards does not bring it back. A file that is missing
--- counts as removed.
---@param path string
---@return true?
---@return novita.Error? err
function core.remove_file(path) end

--- How much may be written to the file system of an existing path.
---@param path string
---@return number? bytes
---@return novita.Error? err
function core.free_space(path) end

--- Whether a text comes before another by their bytes, in every locale.
---@param left string
---@param right string
---@return boolean
function core.before(left, right) end

--- Whether a file name comes before another as people expect: img2 before img10, letters (ASCII)
--- regardless of case, otherwise equal names by their bytes. The same in every locale: the order of
--- the photos is part of a training.
---@param left string
---@param right string
---@return boolean
function core.before_naturally(left, right) end

--- The class of an HTTP status: what it means for a request. The table is
--- csrc/http/status_class.h.
---@param status integer
---@return novita.StatusClass
function core.status_class(status) end

--- The HTTP status that a code of the API's older envelope stands for.
---@param code integer
---@return integer? status nil for a code that no page documents
function core.legacy_status(code) end

--- Makes a text fit for a line: characters that could break it, move a terminal's cursor or change
--- the direction of writing become blanks.
---@param text string
---@return string
function core.one_line(text) end

--- A text as a string of JSON, in quotes. Its bytes are taken as they are: the caller checks that
--- it is valid UTF-8.
---@param text string
---@return string
function core.json_string(text) end

--- The versions of the libraries in use.
---@return { curl: string, tls: string, jpeg: string, png: string, webp: string, lcms: string,
--- zlib: string, heif?: string } heif is nil if libheif is not installed
function core.versions() end

--- The main function of the library's coroutines: pcall in two steps. The first resume leaves the
--- function and its arguments on the coroutine's stack; the second one calls the function.
---@param fn function
---@param ... any arguments of the function
---@return boolean ok
---@return any ... the results, or the error
function core.coroutine_main(fn, ...) end

--- For programs: blocks the signals that end or stop a process, until the program takes them. The
--- library never calls it. Call it before the first thread starts.
---@return novita.core.signals
function core.signals() end

local terminal = {}
core.terminal = terminal

--- Whether an open file is a terminal.
---@param file file*
---@return boolean
function terminal.is_terminal(file) end

--- Whether the program is in the foreground of its terminal: after Ctrl-Z and `bg` it is not.
---@param file file*
---@return boolean
function terminal.is_ours(file) end

--- The size of a terminal; nothing if the terminal does not report it.
---@param file file*
---@return integer? columns
---@return integer? rows
function terminal.size(file) end

-- {====== the loop ======

---@class novita.core.loop
local loop = {}

--- Waits for events and handles them without entering Lua. Then `next` returns the results.
---@param seconds? number the longest wait; nil waits until an event arrives
function loop:step(seconds) end

--- The next event; nothing if the queue is empty.
---@return table? continuation
---@return boolean? ended false for progress of a watched task
---@return any ... the result, or nil and an error
function loop:next() end

--- The descriptor that another event loop can wait for; nil if the backend has none.
---@return integer?
function loop:pollfd() end

--- Seconds until `step` must be called even if the descriptor is not readable; nil = never.
---@return number?
function loop:timeout() end

--- The system call that waits.
---@return "epoll"|"poll"
function loop:backend() end

--- Whether an op is running, so that an event will follow.
---@return boolean
function loop:busy() end

--- The memory that photos on workers have reserved: whole images, coefficients and rows.
---@return integer held bytes now
---@return integer most the most bytes so far
function loop:memory() end

--- Whether the loop belongs to the parent process, from which this one was forked. Such a loop must
--- not be used.
---@return boolean
function loop:inherited() end

--- Makes the descriptor readable, so that an event loop that waits for it calls `step`.
function loop:wake() end

--- Starts a timer.
---@param continuation table
---@param seconds number
---@return novita.core.timer
function loop:timer(continuation, seconds) end

--- Prepares a photo on a worker thread. The result is the op itself, now a prepared photo.
---@param continuation table
---@param source string|{ path?: string, bytes?: string }
---@param options? novita.PrepareOptions
---@param detector? novita.faces.Detector crop around the largest face
---@return novita.core.prepare? op
---@return novita.Error? err
function loop:prepare(continuation, source, options, detector) end

--- Checks a .safetensors file on a worker thread. The result is a novita.SafetensorsFacts.
---@param continuation table
---@param path string
---@return novita.core.check_safetensors
function loop:check_safetensors(continuation, path) end

--- Gives a part file its final name, replacing an existing file. A worker waits until the contents
--- and the name survive a power cut. The result is `true`.
---@param continuation table
---@param part novita.core.part_file
---@param path string on the same file system
---@return novita.core.save? op
---@return novita.Error? err
function loop:save(continuation, part, path) end

--- Finds the faces of a photo on a worker thread. The result is a list of novita.Face.
---@param continuation table
---@param source string|{ path?: string, bytes?: string }
---@param options { lenient?: boolean, limits?: novita.ImageLimits }
---@param detector novita.faces.Detector of the rock novita-faces
---@return novita.core.faces? op
---@return novita.Error? err
function loop:faces(continuation, source, options, detector) end

--- Cancels all ops without events and ends the threads. May be called twice.
function loop:close() end

-- }======

-- {====== ops ======

---@class novita.core.timer
local timer = {}

--- Cancels it; no event follows.
---@param loop novita.core.loop
function timer:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function timer:running() end

---@class novita.core.request
local request = {}

--- Cancels it; no event follows.
---@param loop novita.core.loop
function request:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function request:running() end

---@class novita.core.upload
local upload = {}

--- Cancels it; no event follows.
---@param loop novita.core.loop
function upload:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function upload:running() end

--- The progress of the upload.
---@return integer sent bytes
---@return integer total bytes
function upload:sent_bytes() end

---@class novita.core.download
local download = {}

--- Cancels it; no event follows.
---@param loop novita.core.loop
function download:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function download:running() end

---@class novita.core.watch
local watch = {}

--- Cancels it; no event follows.
---@param loop novita.core.loop
function watch:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function watch:running() end

--- Whether every change is an event, or only the end.
---@param every boolean
function watch:listen(every) end

--- The state of the task at the last poll.
---@return string stage
---@return number? percent
---@return number? eta seconds
---@return string? task_status the service's word
---@return string? model_status the service's word
---@return integer polls
function watch:progress() end

--- Why the last poll failed.
---@return novita.Error?
function watch:last_error() end

--- The id of the task.
---@return string
function watch:task_id() end

---@class novita.core.check_safetensors
local check_safetensors = {}

--- Cancels it; no event follows.
---@param loop novita.core.loop
function check_safetensors:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function check_safetensors:running() end

---@class novita.core.save
local save = {}

--- Cancels it; no event follows. The file may have its new name already.
---@param loop novita.core.loop
function save:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function save:running() end

---@class novita.core.faces
local faces = {}

--- Cancels it; no event follows.
---@param loop novita.core.loop
function faces:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function faces:running() end

---@class novita.core.prepare
local prepare = {}

--- Cancels it; no event follows.
---@param loop novita.core.loop
function prepare:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function prepare:running() end

--- The properties of the prepared photo.
---@return novita.Prepared info without the bytes
function prepare:info() end

--- The bytes to upload.
---@return string
function prepare:bytes() end

--- The number of bytes to upload.
---@return integer
function prepare:size() end

--- Frees the bytes before the collector does. An upload in progress keeps them until it ends. May
--- be called twice.
function prepare:close() end

-- }======

-- {====== a client ======

---@class novita.core.client
local client = {}

--- Sends a request. The result is a table: status, body, date, retry_after, attempts,
--- content_range, etag, emulator.
---@param continuation table
---@param options { url: string, method?: "GET"|"POST", body?: string, authenticated?: boolean,
--- paid?: boolean, limit?: integer, timeout?: number, attempt_timeout?: number, send_by?: number,
--- watchdog?: boolean } paid: sent at most once; send_by: a time of `core.boot_time`, after which
--- nothing is sent; watchdog: SIGKILL ends a process that is stopped before the network has the
--- request, and wakes after `send_by`
---@return novita.core.request? op
---@return novita.Error? err
function client:request(continuation, options) end

--- Uploads a photo: requests a URL and puts the photo there. If that fails, it tries again with a
--- new URL. The result is the asset's id.
---@param continuation table
---@param source { path?: string, bytes?: string, prepared?: novita.core.prepare }
---@param extension "jpeg"|"png"|"webp"
---@param timeout? number seconds, including all attempts and new URLs; default: none
---@return novita.core.upload? op
---@return novita.Error? err
function client:upload(continuation, source, extension, timeout) end

--- Downloads a file. It appears under its name only when it is complete. The result is its path.
---@param continuation table
---@param options { url: string, path?: string, part?: novita.core.part_file, first?: integer,
--- last?: integer, limit: integer, timeout: number, is_image?: boolean } part: gets the bytes in
--- place of `path`, and no name. With first and last, only these bytes are asked for, from 0, and
--- the part keeps its `first` ones. The result is the response; the error has the code "too_big" if
--- the whole file comes instead, and the part keeps bytes
---@return novita.core.download? op
---@return novita.Error? err
function client:download(continuation, options) end

--- Polls a task until it has ended. The result is the name of the model if it serves, otherwise the
--- body of the last response; and the stage.
---@param continuation table
---@param kind "subject"|"style"|"image"
---@param task_id string
---@param first? number seconds until the first poll (0)
---@return novita.core.watch
function client:watch(continuation, kind, task_id, first) end

--- Identifies the account's key without showing it: the key's HMAC-SHA256 of `id`.
---@param id string
---@return string digest 64 hexadecimal digits
function client:account(id) end

--- Closes the connections. The running ops are canceled, and no event follows for them.
---@return table[] continuations of the canceled ops
function client:close() end

-- }======

-- {====== files, digests and signals ======

---@class novita.core.part_file
local part_file = {}

--- The number of bytes that it has.
---@return integer
function part_file:size() end

--- Appends bytes.
---@param bytes string
---@return boolean? done
---@return novita.Error? err
function part_file:add(bytes) end

--- Removes all its bytes.
---@return boolean? done
---@return novita.Error? err
function part_file:empty() end

--- Closes and unlocks it; the file stays. May be called twice.
function part_file:close() end

---@class novita.core.sha256
local sha256 = {}

--- Adds bytes.
---@param text string
---@return novita.core.sha256 self
function sha256:add(text) end

--- Adds bytes of a file.
---@param path string
---@param from integer from 0
---@param count integer > 0
---@return integer? added fewer than count at the end of the file
---@return novita.Error? err
function sha256:add_file(path, from, count) end

--- The digest of the bytes that were added.
---@return string 64 hexadecimal digits
function sha256:hex() end

---@class novita.core.signals
local signals = {}

--- Takes a pending signal; nil if none is pending.
---@return "INT"|"TERM"|"HUP"|"QUIT"|"TSTP"|nil
function signals:take() end

--- Stops the process like Ctrl-Z, until it is continued.
function signals:stop() end

--- Restores the default effect of the signals. May be called twice.
function signals:close() end

-- }======

-- {====== images ======

-- For novita.image, which checks the options.
local image = {}
core.image = image

--- Makes pixels of the given samples; default: black, and transparent if there is alpha.
---@param width integer pixels, 1 to 65500
---@param height integer pixels, 1 to 65500
---@param channels? integer 1 to 4, default 3
---@param bytes? string width * height * channels samples
---@return novita.core.pixels?
---@return novita.Error? err
function image.new(width, height, channels, bytes) end

--- Decodes a JPEG, PNG, WebP, HEIC or AVIF, upright.
---@param source novita.Source
---@param options? novita.DecodeOptions checked
---@return novita.core.pixels?
---@return novita.Error? err
function image.decode(source, options) end

--- Reads the header of an image file.
---@param source novita.Source
---@param options? table checked
---@return novita.Probed?
---@return novita.Error? err
function image.probe(source, options) end

--- Recognizes a file by its first bytes; 512 are enough.
---@param bytes string
---@return "jpeg"|"png"|"webp"|"heic"|"avif"|nil format
---@return string? what it looks like otherwise: "a GIF image", "text"
---@return boolean? image it can be exported as a JPEG
---@return string? missing what must be installed to read it, such as "libheif"
function image.sniff(bytes) end

--- Says which library must be installed to read a format.
---@param format "jpeg"|"png"|"webp"|"heic"|"avif"
---@return string? missing such as "libheif"; nil if the format can be read
function image.missing(format) end

--- The kernels (inner loops) in use.
---@return "scalar"|"avx2"|"avx512"|"neon" name
---@return string? refused the value of NOVITA_SIMD, if this machine or build does not have it
function image.kernels() end

--- The part of a photo to take for a face in it.
---@param width number of the photo
---@param height number
---@param x number of the face, inside the photo
---@param y number
---@param face_width number
---@param face_height number
---@param aspect number width divided by height of the part
---@return number x
---@return number y
---@return number width
---@return number height
function image.face_crop(width, height, x, y, face_width, face_height, aspect) end

--- The head of a face: its box and what is usually above it, cut to the photo.
---@param width number of the photo
---@param height number
---@param x number of the face, inside the photo
---@param y number
---@param face_width number
---@param face_height number
---@return number x
---@return number y
---@return number width
---@return number height
function image.face_head(width, height, x, y, face_width, face_height) end

--- The pixels of an image, 8 bits per sample.
---@class novita.core.pixels
local pixels = {}

--- The size.
---@return integer width
---@return integer height
---@return integer channels
function pixels:size() end

--- All samples, row by row from the top.
---@return string
function pixels:bytes() end

--- Resizes into new pixels.
---@param options? novita.ResizeOptions checked
---@return novita.core.pixels?
---@return novita.Error? err
function pixels:resize(options) end

--- Encodes the pixels as the contents of a file.
---@param options? novita.EncodeOptions checked
---@return string? bytes
---@return novita.Error? err
function pixels:encode(options) end

--- Pastes other pixels. Parts outside are cut off.
---@param other novita.core.pixels
---@param x integer pixels from the left
---@param y integer pixels from the top
---@return novita.core.pixels self
function pixels:paste(other, x, y) end

--- Fills a rectangle.
---@param x integer pixels from the left
---@param y integer pixels from the top
---@param width integer pixels
---@param height integer pixels
---@param red integer 0 to 255
---@param green integer 0 to 255
---@param blue integer 0 to 255
---@return novita.core.pixels self
function pixels:fill(x, y, width, height, red, green, blue) end

--- Writes a line of ASCII text in a small fixed-width font.
---@param x integer pixels from the left
---@param y integer pixels from the top
---@param text string
---@param scale? integer 1 to 256; a character is 6 x 8 pixels times this; default 1
---@param red? integer 0 to 255; default: white
---@param green? integer
---@param blue? integer
---@return novita.core.pixels self
function pixels:text(x, y, text, scale, red, green, blue) end

--- Frees the memory. May be called twice.
function pixels:close() end

-- }======

return core
