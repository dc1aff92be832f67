--- The stores of a journal: what every one of them can do, and which one a place has.
--
-- The functions of a store's module, and of this one:
--
--     store.open(path, portable, lost, loop)  for writing; nil, err. A file is created, migrated
--                                           and locked; a database waits in `loop`
--     store.view(path, loop)                for reading, even while a runner writes; nil, err
--     store.copy(path, to, plan_only)        a snapshot of a file; true, or nil, err
--     store.version()                       of SQLite; nil, err
--     store.is_uri(path)                    whether a journal is in a database
--     store.make(uri)                       makes its tables; a store, or nil, err
--     store.transfer(from, to, change)      copies all rows; how many jobs
--
-- and a store with these methods, each one statement or one transaction:
--
--     close()                               and releases the lock; may be called twice
--     failure(code, text, ...)              an Error of kind "journal" that names the journal
--     transaction(work, once)               calls work(): all of its changes or none. A database
--                                           calls it again if its connection is lost; with `once`
--                                           it raises code "lost" or "busy" instead
--     transaction_soon(work)                only of a file: the same, but a power cut may undo it
--                                           until another transaction is on the disk
--     snapshot(work)                        calls work(), which reads the journal as it is at one
--                                           moment
--     batch_id()                            the batch's id
--     warning()                             what is unsafe about its place, once; or nil
--     folder()                              that the paths of photos start from
--     created_at()                          of the journal, unix seconds
--     claim_service(url, replace)           stores the first url, or replaces it; returns the one
--                                           that is stored
--     claim_account(hash, replace)          the same for the keyed hash of the key
--     has_tasks()                           whether the service has, or may have, a task of a job
--     models_folder([folder])               the one for models, or nil; stores it if given
--     budget([units])                       that of later runs, or nil; false removes it
--     sample_options([text])                the same: JSON
--     decide_again()                        a person has decided to pay for all jobs planned so far
--     decided_again()                       the id of the last of those jobs, or 0
--     continue_in(path)                     notes where the jobs are continued; false: here
--     continued_in()                        the path, or nil
--     take_over(seconds)                    from now on only this runner can write; returns how
--                                           long a paid request of the runner before may take
--     check_runner(id)                      raises code "replaced" if another one has taken over
--     other_process()                       the number of the process whose run has the journal
--     has_task(prefix)                      whether a job's task name begins with it and "-"
--     insert_job(job, planned_at)           unless its key exists; returns how many were added
--     move_job(id, key, params)             changes only these
--     rename_job(id, job)                   gives it the key, names, type and params of a new one
--     id_of(key)                            of the job with this key, or nil
--     names()                               rows of all jobs: id and name
--     job(id)                               one row, or nil
--     next_id(stage, after)                 the lowest id > after in this stage, or nil
--     jobs(after, limit, stage)             rows with id > after, by id; stage may be nil
--     count_jobs()                          by stage: a table
--     next_serving(column, state, after)    as next_id, of those that serve, by samples_state or
--                                           model_state; nil: it has none
--     count_states(column)                  jobs by samples_state or model_state: a table
--     kept_models()                         rows of jobs: id, name, model_name, model_path and
--                                           model_bytes
--     largest_model()                       bytes of the largest model that is kept, or nil
--     update_job(id, columns, at, token, with)  false is NULL; a new stage adds an event at `at`;
--                                           `with`: photos, a request, and settle as below; for a
--                                           shared store also training (counts one against the
--                                           limits), payment and release; returns the token
--     photos(id)                            rows of a job
--     put_photos(id, photos)                by position: inserts or replaces
--     delete_photos(id)                     of a job, or with nil of all jobs
--     request(id)                           the row of the request that was paid for, or nil
--     add_payment(payment)                  in the state sent
--     settle_payment(job, settle)           of a payment that is sent, with what, made and id: it
--                                           is made, or removed, because nothing was billed
--     last_payment(job, what)               its row, or nil
--     unpriced_payment()                    the first one whose price nothing says but the balance
--                                           before it, or nil
--     hide_payment(id)                      its balance says nothing any more
--     hidden_payments(kind, except)         how many others there are of a kind
--     payments_since_reading()              a row: how many payments since the last one for which
--                                           the balance was read; when; and the balance after them
--     payment_sums()                        rows by kind: payments, most (units that they count),
--                                           unpriced, and the price
--     price(kind)                           a row, or nil
--     put_price(price)                      inserts or replaces
--     erase_job(id, columns, at)            update_job, and removes its photos and its request
--     has_erased()                          whether jobs were erased since the last `compact`
--     compact()                             removes what was erased from the disk
--     events(id)                            rows of a job, oldest first
--     changes(after)                        events of all jobs with a number > after, with the job
--     last_change()                         the number of the last event, or 0
--
-- A store with the field `is_shared` has several runners. Each of them takes a job before it works
-- on it (novita.batch.store.leases), and changes of a job that another one has taken raise code
-- "lease_lost" or "locked". It has the fields settings and me, and also these methods:
--
--     claim_next(stages, after)             takes the next free job; its row, or nil
--     claim_serving(column, states, after)  the same for jobs that serve; false: no state
--     claim_one(id)                         takes this job; its row, or nil
--     release(id)                           gives it back
--     renew()                               all that this runner has; whether it shall end
--     leave()                               gives all back, and is no runner any more
--     host_of(paths)                        the machine that must upload files; nil: any
--     bind_job(key, host)                   says which machine has the photos of a job
--     has_work(stages)                      whether this machine may get to do something
--     holder(id)                            the host and the process of the runner of a job, or nil
--     waiting()                             rows: how many jobs wait for which machine
--     payment_state(kind, what)             a row with all that a runner must know before it pays
--     take_turn(turn), give_turn()          from now on only this runner pays; others may again
--     in_turn(work), stop_paying(why)       while this runner pays alone
--     uncount_training()                    it was not created
--     follow_server(hold)                   after code "other_server": novita.batch.store.failover
--     runners()                             rows: who works since when on how many jobs
--     drain(host)                           asks the runners of a host to end; how many
--     facts()                               about the server and the connection, for a check
--     check_runner(id)                      raises code "late" if the request of a job's intent
--                                           must not leave any more; returns by when it must
--
-- A method that writes returns when the change is on the disk. In a file, put_photos, and
-- update_job with `soon` and without a payment, do not wait for that. Every method raises an Error
-- of kind "journal", after which every later call raises it again. Rows are tables by column name.

local address = require "novita.batch.store.postgresql_address"
local sqlite = require "novita.batch.store.sqlite"
local transfer = require "novita.batch.store.transfer"

---@class novita.batch.Store: novita.batch.store.Queries
---@field transaction fun(self: novita.batch.Store, work: function, once?: boolean): any
---@field take_over fun(self: novita.batch.Store, seconds: number): number
---@field check_runner fun(self: novita.batch.Store, id?: integer): number?
---@field other_process fun(self: novita.batch.Store): string?
---@field compact fun(self: novita.batch.Store)
---@field warning fun(self: novita.batch.Store): string?
---@field folder fun(self: novita.batch.Store): string
---@field close fun(self: novita.batch.Store)

local store = { copy = sqlite.copy, version = sqlite.version, is_uri = address.is_uri,
  transfer = transfer.copy }

--- Makes the tables of a journal in a database, or brings older ones up to date.
---@param uri string of a user who may create tables and roles
---@return novita.batch.Store?
---@return novita.Error? err
function store.make(uri)
  return require("novita.batch.store.postgresql").make(uri)
end

---@param path string a file, or a URI
---@param portable fun(params: string, folder: string): string the params of a job, for a migration
---@param lost? { id: string, created_at: number } of the lost journal that this new one replaces
---@param loop? novita.async.Loop
---@return novita.batch.Store?
---@return novita.Error? err
function store.open(path, portable, lost, loop)
  if address.is_uri(path) then
    return require("novita.batch.store.postgresql").open(path, loop)
  end
  return sqlite.open(path, portable, lost)
end

---@param path string a file, or a URI
---@param loop? novita.async.Loop
---@return novita.batch.Store?
---@return novita.Error? err
function store.view(path, loop)
  if address.is_uri(path) then
    return require("novita.batch.store.postgresql").view(path, loop)
  end
  return sqlite.view(path)
end

return store
