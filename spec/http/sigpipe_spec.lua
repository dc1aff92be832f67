local fixtures = require "support.fixtures"

-- A program with the default action for SIGPIPE, which ends it, while its peer dies during a
-- body: the next writes, and the shutdown of TLS, go into a broken connection.
local program = [[
  local co = require "support.coroutines"
  local novita = require "novita"
  local tls = require "support.tls"
  local fixtures = require "support.fixtures"
  fixtures.c_module "fork".default_sigpipe()
  local authority <close> = tls.authority()
  local server <close> = authority:serve {}
  local client <close> = novita.client { api_key = "sk_spec", base_url = server.url,
    ca_file = authority.ca_file, retry = { attempts = 2, min = 0.01 } }
  local bytes = {}
  for i = 1, 200000 do bytes[i] = string.pack("<I8I8I8", i * 0x9E3779B97F4A7C15, i ~ -7, -i) end
  local task = client:attach { task_id = "a", task_type = "subject" }
  local err
  co.run(function()
    co.spawn(function()
      err = select(2, client.images:img2img { request = { model_name = "m", prompt = "p",
        width = 512, height = 512, image_num = 1, steps = 20, guidance_scale = 7.5,
        sampler_name = "Euler a", seed = 1, strength = 0.5,
        image_base64 = require "novita.core".base64(table.concat(bytes)) } })
    end)
    co.sleep(0.5)
    os.execute(("kill -9 $(pgrep -P %s) %s"):format(server.pid, server.pid)) -- timeout, openssl
  end)
  task:cancel()
  assert(err and (err.kind == "network" or err.kind == "tls"), tostring(err))
  print "alive"
]]

describe("a peer that dies while we write", function()
  it("does not end a program that leaves SIGPIPE as it is", function()
    local output, status = fixtures.program(program)
    assert.equal("alive\n", output)
    assert.equal(0, status)
  end)
end)
