--- Pseudo-random bytes, the same in every run.

local noise = {}

--- A generator of integers from 0 to 2^31 - 1.
function noise.generator(seed)
  local state = seed
  return function()
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return state >> 8
  end
end

--- A string of 'n' bytes.
function noise.bytes(n, seed)
  local next_number, out = noise.generator(seed or 1), {}
  for i = 1, n do
    out[i] = string.char(next_number() & 255)
  end
  return table.concat(out)
end

return noise
