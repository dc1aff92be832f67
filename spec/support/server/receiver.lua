--- A receiver of webhooks, as a program of novita.httpd: it adds each body to a file, as a line.

local receiver = {}

function receiver.open(path)
  return { handle = function(request)
    if request.head then return { read = -1 } end
    local file <close> = assert(io.open(path, "a"))
    file:write(request.body, "\n")
    return { status = 200, headers = {}, body = "" }
  end }
end

return receiver
