---@meta novita.service.engine
-- The interface between novita.service, which knows HTTP and the API, and an engine, which does
-- what a request asks for. The emulator's engine has a clock and memory; that of a server has
-- processes, files and a database. Nothing requires this file.
-- luacheck: ignore 212 241
--
-- All of it runs in the HTTP server's own Lua state and thread, one request at a time: a function
-- that takes long delays every other request, and what it returns may not wait for the network.
-- A result is acknowledged to the client: an engine that must not lose it writes it before it
-- returns. If a function raises an error, the response is a 500.
--
-- An account, an asset, a training, an image task, a model and a LoRA are the engine's own values.
-- The routes hand them back and read only the fields that a class here names.

---@alias novita.service.Account any not nil and not false

---@class novita.service.Refusal why the engine does not do what a request asks for
---@field status integer of HTTP
---@field reason string as the API has it, such as "BILLING_BALANCE_NOT_ENOUGH"
---@field message string one line for a person

---@class novita.service.Content what a link leads to: `bytes`, a file, or what a function makes
---@field bytes? string
---@field read? fun(first: integer, most: integer): string bytes from `first` on, at most `most`, at
--- least one
---@field file? string path of a regular file, which is opened when the response is sent
---@field size integer bytes
---@field type string such as "image/png"
---@field etag? string with its quotes

---@class novita.service.Upload the body of an upload: `bytes`, or a file
---@field bytes? string
---@field file? string the file that `spool_path` named, closed but not synced; it is removed at the
--- end of the request, unless `store_asset` has renamed it
---@field size integer bytes

---@class novita.service.Engine
local engine = {}

--- The time of the service, which dates and signs everything.
---@return number unix seconds, with a fraction
function engine:now() end

-- {====== accounts ======

--- The account of an API key. It is asked for before the body of a request is read. The time that
--- it takes must not depend on how much of the key is right.
---@param key string without "Bearer "
---@return novita.service.Account? account nil if no account has this key
function engine:account(key) end

--- The balance of an account.
---@param account novita.service.Account
---@return integer balance in units of 0.0001 USD
function engine:balance(account) end

-- }======

-- {====== photos ======

---@class novita.service.Asset
---@field response_id string|integer as the response has it: `assets_id`
---@field path string of its upload link: "/training-dataset/..."

--- Remembers that a photo will be uploaded.
---@param account novita.service.Account
---@param extension "png"|"webp"|"jpeg"
---@return novita.service.Asset? asset
---@return novita.service.Refusal? refusal
function engine:create_asset(account, extension) end

--- The asset of an upload link, whose signature was checked.
---@param path string
---@return novita.service.Asset?
function engine:find_asset(path) end

--- Whether there is room for an upload; an engine may lack this. Without room its body is dropped,
--- and the response asks the client to wait.
---@param path string of the link
---@param size integer bytes as announced, 0 if they are not
---@return boolean
function engine:has_room(path, size) end

--- The file that the body of an upload is written to while it arrives, in an existing folder; nil
--- keeps it in memory. Only for a link whose signature is right.
---@param path string of the link
---@return string? file a new path each time
function engine:spool_path(path) end

--- Keeps an uploaded photo; a second upload replaces the first.
---@param asset novita.service.Asset
---@param upload novita.service.Upload
---@return string? etag with its quotes; nil if there is no room
function engine:store_asset(asset, upload) end

-- }======

-- {====== trainings ======

---@class novita.service.TrainingOrder
---@field kind "subject"|"style"
---@field body table checked: only known fields, with the right types (novita.service.messages)
---@field user_agent? string

---@class novita.service.TrainingState
---@field id string
---@field kind "subject"|"style"
---@field name string as the lists give it back
---@field created_at number unix seconds
---@field status string "QUEUING", "TRAINING", "SUCCESS", "FAILED", "CANCELED" or "UNKNOWN"
---@field percent number 0 to 100
---@field eta? number seconds; nil if it is not known
---@field model_name? string with `model_status`
---@field model_status? string "DEPLOYING", "SERVING"; nil: no model yet
---@field failure? string why it failed, one line for a person; the API has no field for it

--- Accepts a training. The body has been checked; the engine checks its photos, charges the
--- account and refuses what it cannot do.
---@param account novita.service.Account
---@param order novita.service.TrainingOrder
---@return any training
---@return novita.service.Refusal? refusal
function engine:create_training(account, order) end

---@param account novita.service.Account
---@param id string
---@return any training nil if the account has no such training
function engine:find_training(account, id) end

---@param training any
---@return novita.service.TrainingState state at this moment
function engine:describe_training(training) end

--- A part of the account's trainings, the newest first.
---@param account novita.service.Account
---@param kind? string "subject" or "style"; nil: both; another word has none
---@param offset integer how many are left out, 0 or more
---@param limit integer how many at most, 0 or more
---@return any[] trainings
---@return integer total how many there are without `offset` and `limit`
function engine:list_trainings(account, kind, offset, limit) end

-- }======

-- {====== models ======

---@class novita.service.Model
---@field id integer
---@field name string as the lists give it back
---@field file string the name of its file, "model_....safetensors"
---@field api_name string what a request for images calls it
---@field type "checkpoint"|"lora"
---@field source string "training", "uploading" or "civitai"
---@field visibility "private"|"public"
---@field sdxl boolean made for SDXL 1.0, otherwise for SD 1.5
---@field has_file boolean whether its file can be downloaded

--- The models that the account can use: its own that are serving, the newest first, then those
--- that everyone can use.
---@param account novita.service.Account
---@return novita.service.Model[]
function engine:list_models(account) end

--- Of a model in that list.
---@param model novita.service.Model
---@return string sha256 in hex; "" if it is not known
function engine:model_sha256(model) end

--- The file of a model that is serving.
---@param file string its name
---@return novita.service.Content?
function engine:open_model(file) end

--- A LoRA that a request for images names.
---@param account novita.service.Account
---@param name string with or without ".safetensors"
---@return any lora nil if it does not exist or does not serve yet
function engine:find_lora(account, name) end

-- }======

-- {====== images ======

---@class novita.service.ImageOrder
---@field kind "txt2img"|"img2img"
---@field request table checked; without the texts of the images
---@field extra table checked; may be empty
---@field loras any[] of `find_lora`, in the order of the request
---@field images string[] the bytes of image files, the initial image first
---@field mock_status? string the test of a webhook: a result with this status, not listed, not
--- found by its id, and free
---@field user_agent? string

---@class novita.service.ImageState
---@field id string
---@field kind "txt2img"|"img2img"
---@field status string "TASK_STATUS_QUEUED", "TASK_STATUS_PROCESSING", "TASK_STATUS_SUCCEED",
--- "TASK_STATUS_FAILED"
---@field percent integer
---@field eta number seconds
---@field reason string why it failed; "" otherwise
---@field seed integer
---@field extra table of the order
---@field nsfw_confidence? integer of the detection, 0 to 100, for each image; nil: not detected
---@field format "png"|"webp"|"jpeg"
---@field paths string[] of the links to its images: "/output-image/...", read when it succeeded
---@field created_at number unix seconds
---@field started_at? number
---@field ended_at? number

--- Accepts an order of images.
---@param account novita.service.Account
---@param order novita.service.ImageOrder
---@return any task
---@return novita.service.Refusal? refusal
function engine:create_image_task(account, order) end

---@param account novita.service.Account
---@param id string
---@return any task nil if the account has no such task
function engine:find_image_task(account, id) end

---@param task any
---@return novita.service.ImageState state at this moment
function engine:describe_image_task(task) end

--- Whether its webhook is due. Is asked for often: some microseconds at most.
---@param task any
---@return boolean
function engine:image_task_ended(task) end

--- The event of a task was delivered, or given up. An engine that keeps its tasks needs this, so
--- that it adds the webhooks of the others after a restart; it may be missing.
---@param id string of the task
function engine:webhook_settled(id) end

--- A generated image.
---@param path string of its link
---@return novita.service.Content?
function engine:open_image(path) end

-- }======

return engine
