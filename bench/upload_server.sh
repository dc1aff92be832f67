#!/bin/sh
# An upload server for the benchmark: nginx with one worker on a free loopback
# port, TLS with a temporary CA, and the two steps of the service's protocol:
#
#   POST /v3/assets/training_dataset   a new assets_id and its upload_url
#   PUT  <upload_url>                  body read into memory and dropped; 200
#
#   upload_server.sh [seconds]
#
# Prints "url <https://127.0.0.1:port>", "port <port>", "ca <file>", "log <file>"
# (one line per finished PUT: status, bytes of the request), "dir <folder>" (for
# the caller's files) and "pid <pid>", one per line. Ends after 'seconds' (600), on
# a signal, or when its parent has ended, and removes that folder.
set -eu

seconds=${1:-600}
work=
server=

finish() {
  trap - EXIT HUP INT TERM
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || :
    wait "$server" 2>/dev/null || :
  fi
  if [ -n "$work" ]; then rm -rf "$work"; fi
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

parent() { awk '/^PPid:/ { print $2 }' "/proc/$$/status"; }

# A CA, and a server certificate that it signed.
make_certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout ca.key -out ca.pem -days 2 -subj "/CN=bench CA" 2>openssl.log
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout server.key -out server.csr -subj "/CN=localhost" 2>>openssl.log
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >server.ext
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
    -extfile server.ext -days 2 -out server.pem 2>>openssl.log
}

# The PUT location passes the request without its body to a second server, which
# returns 200 like S3; WebDAV would return 201 or 204. nginx first reads the whole
# body into one buffer, so no disk is measured.
write_config() {
  user_line=
  if [ "$(id -u)" = 0 ]; then user_line="user root;"; fi
  cat >nginx.conf <<END
$user_line
worker_processes 1;
daemon off;
pid $work/nginx.pid;
error_log $work/error.log warn;
events { worker_connections 256; }
http {
  access_log off;
  default_type application/octet-stream;
  keepalive_requests 100000;
  keepalive_timeout 60s;
  client_body_temp_path $work/body;
  proxy_temp_path $work/proxy;
  fastcgi_temp_path $work/fastcgi;
  uwsgi_temp_path $work/uwsgi;
  scgi_temp_path $work/scgi;
  log_format upload '\$status \$request_length';
  upstream ok { server unix:$work/ok.sock; keepalive 64; }
  server {
    listen unix:$work/ok.sock;
    location / { return 200; }
  }
  server {
    listen 127.0.0.1:$1 ssl;
    ssl_certificate $work/server.pem;
    ssl_certificate_key $work/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size 16m;
    location = /v3/assets/training_dataset {
      default_type application/json;
      return 200 '{"assets_id":"\$request_id","upload_url":"https://127.0.0.1:$1/put/\$request_id.jpeg?X-Amz-Expires=600","method":"PUT","headers":{"Host":{"values":["127.0.0.1:$1"]}}}';
    }
    location /put/ {
      client_body_buffer_size 2m;
      client_body_in_single_buffer on;
      access_log $work/put.log upload buffer=64k flush=1s;
      limit_except PUT { deny all; }
      add_header ETag '"\$request_id"';
      proxy_method GET;
      proxy_pass_request_body off;
      proxy_pass_request_headers off;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
      proxy_pass http://ok;
    }
  }
}
END
}

responds() {
  curl -s -o /dev/null --cacert ca.pem --max-time 2 \
    -d '{"file_extension":"jpeg"}' "https://127.0.0.1:$1/v3/assets/training_dataset"
}

# nginx cannot report which port it got, so try a random one. True when it runs.
start_on() {
  write_config "$1"
  timeout "$seconds" nginx -p "$work" -c "$work/nginx.conf" 2>>nginx.log &
  server=$!
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    if responds "$1"; then return 0; fi
    kill -0 "$server" 2>/dev/null || return 1
    sleep 0.05
  done
  kill "$server" 2>/dev/null || :
  return 1
}

start() {
  for _ in 1 2 3 4 5 6 7 8; do
    port=$(( 20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000 ))
    if start_on "$port"; then return 0; fi
  done
  cat nginx.log error.log openssl.log >&2 2>/dev/null || :
  echo "upload_server.sh: nginx did not start" >&2
  exit 1
}

for program in nginx openssl curl timeout; do
  command -v "$program" >/dev/null || {
    echo "upload_server.sh: $program is not installed" >&2
    exit 1
  }
done
base=/dev/shm
if [ ! -w "$base" ]; then base=${TMPDIR:-/tmp}; fi
work=$(mktemp -d "$base/novita-upload.XXXXXX")
cd "$work"
make_certificates
start
printf 'url https://127.0.0.1:%s\nport %s\nca %s\nlog %s\ndir %s\npid %s\n' \
  "$port" "$port" "$work/ca.pem" "$work/put.log" "$work" "$$"
# A caller that reads our output to its end must not wait for nginx's.
exec >&2
first=$(parent)
while kill -0 "$server" 2>/dev/null && [ "$(parent)" = "$first" ]; do
  sleep 0.3
done
