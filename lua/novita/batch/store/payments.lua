--- The statements about payments and prices that are the same for SQLite and PostgreSQL, as methods
--- of a store (novita.batch.store.queries).

---@class novita.batch.store.Queries
local Payments = {}

local payments = { methods = Payments }

-- {====== payments ======

local ADD <const> = [[INSERT INTO payment
  (id, job, what, kind, title, at, state, balance, reserved, budget, budget_left)
  VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM payment), ?, ?, ?, ?, ?, 'sent', ?, ?, ?, ?)]]

---@param payment novita.batch.Payment
function Payments:add_payment(payment)
  self:transaction(function()
    self.connection:run(ADD, payment.job, payment.what, payment.kind, payment.title, payment.at,
      payment.balance, payment.reserved, payment.budget, payment.budget_left)
  end)
end

local SENT <const> = [[WHERE job = ? AND state = 'sent' AND id = COALESCE(CAST(? AS bigint),
  (SELECT MAX(id) FROM payment WHERE job = ? AND what = ? AND state = 'sent'))]]

--- The statement that settles a payment.
---@param job integer
---@param settle { what: string, made: boolean, id?: integer }
---@return string sql
---@return any[] values
---@return integer count
function payments.settling(job, settle)
  local sql = settle.made and "UPDATE payment SET state = 'made' " or "DELETE FROM payment "
  return sql .. SENT, { job, settle.id, job, settle.what }, 4
end

---@param settle { what: string, made: boolean, id?: integer } made: whether the service has what was
--- paid for; id: nil for the last one that is sent
function Payments:settle_payment(job, settle)
  self:transaction(function()
    local sql, values, count = payments.settling(job, settle)
    self.connection:run(sql, table.unpack(values, 1, count))
  end)
end

---@return table?
function Payments:last_payment(job, what)
  return self.connection:row("SELECT * FROM payment WHERE job = ? AND what = ? ORDER BY id DESC "
    .. "LIMIT 1", job, what)
end

--- Payments whose price only the balance before them can show, if it still does.
payments.UNPRICED = [[FROM payment WHERE reserved IS NULL AND balance IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM price WHERE price.kind = payment.kind AND verified = 1)]]

---@return table?
function Payments:unpriced_payment()
  return self.connection:row("SELECT * " .. payments.UNPRICED .. " ORDER BY id LIMIT 1")
end

---@param except integer id of one that does not count
---@return integer
function Payments:hidden_payments(kind, except)
  return math.tointeger(self.connection:row([[SELECT COUNT(*) AS n FROM payment
    WHERE kind = ? AND id <> ? AND reserved IS NULL AND balance IS NULL]], kind, except).n)
end

function Payments:hide_payment(id)
  self:transaction(function()
    self.connection:run("UPDATE payment SET balance = NULL WHERE id = ?", id)
  end)
end

-- Without a balance if a price is not known, or whether a payment was made.
local SINCE <const> = [[SELECT COUNT(*) AS payments, MAX(payment.at) AS at,
    CASE WHEN COUNT(price.units) = COUNT(*) AND COUNT(NULLIF(payment.state, 'sent')) = COUNT(*)
      THEN MAX(first.balance) - SUM(price.units) END AS balance
  FROM payment JOIN (SELECT id, balance FROM payment WHERE balance IS NOT NULL ORDER BY id DESC
    LIMIT 1) AS first ON payment.id >= first.id LEFT JOIN price ON price.kind = payment.kind]]

---@return table
function Payments:payments_since_reading()
  return self.connection:row(SINCE)
end

-- }======

-- {====== what they may have cost ======

--- The most that a payment may have cost. If the run that paid it has not seen its price, it counts
--- as the dearest known one of its sort, if that is more. In a query of `WITH_PRICES`.
payments.MOST = [[LATER(COALESCE(payment.reserved, 0), COALESCE(known.units + known.uncertain, 0),
  CASE WHEN known.verified = 1 THEN 0 ELSE COALESCE(dearest.units, 0) END)]]

payments.WITH_PRICES = [[FROM payment LEFT JOIN price AS known ON known.kind = payment.kind
  LEFT JOIN (SELECT used.what, MAX(price.units + price.uncertain) AS units
    FROM (SELECT DISTINCT what, kind FROM payment) AS used JOIN price ON price.kind = used.kind
    GROUP BY used.what) AS dearest ON dearest.what = payment.what]]

local SUMS <const> = ([[SELECT payment.kind, payment.what, payment.title, COUNT(*) AS payments,
    SUM(%s) AS most,
    SUM(CASE WHEN payment.reserved IS NULL AND known.kind IS NULL THEN 1 ELSE 0 END) AS unpriced,
    known.units, known.uncertain, known.seen_at, known.verified
  %s GROUP BY payment.kind, payment.what, payment.title, known.units, known.uncertain,
    known.seen_at, known.verified
  ORDER BY MIN(payment.id)]]):format(payments.MOST, payments.WITH_PRICES)

---@return table[]
function Payments:payment_sums()
  return self.connection:rows(self.dialect(SUMS))
end

-- }======

-- {====== prices ======

---@return table?
function Payments:price(kind)
  return self.connection:row("SELECT * FROM price WHERE kind = ?", kind)
end

local PUT_PRICE <const> = [[INSERT INTO price (kind, title, units, uncertain, seen_at, verified)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind) DO UPDATE SET units = excluded.units,
    uncertain = excluded.uncertain, seen_at = excluded.seen_at, verified = excluded.verified]]

---@param price novita.batch.Price
function Payments:put_price(price)
  self:transaction(function()
    self.connection:run(PUT_PRICE, price.kind, price.title, price.units, price.uncertain,
      price.seen_at, price.verified)
  end)
end

-- }======

return payments
