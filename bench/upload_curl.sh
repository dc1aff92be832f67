#!/bin/bash
# The peer: curl -Z uploads every file of a folder over TLS. It is given its
# URLs, so it does half of the protocol: no presign step.
#
#   upload_curl.sh <url> <ca file> <folder> [connections]
#
# Prints "bench upload curl_wall_s", "… curl_cpu_s" (user + system of curl).
set -euo pipefail

url=$1 ca=$2 folder=$3 connections=${4:-4}

config=$(mktemp)
times=$(mktemp)
trap 'rm -f "$config" "$times"' EXIT

for file in "$folder"/*; do
  printf 'upload-file = "%s"\nurl = "%s/put/%s"\noutput = "/dev/null"\n' \
    "$file" "$url" "${file##*/}"
done >"$config"

TIMEFORMAT='%R %U %S'
{ time curl -q -Z --parallel-max "$connections" -s -S --no-progress-meter --fail \
    -H 'Expect:' --http1.1 --max-time 300 --cacert "$ca" -K "$config" 2>&3; } \
  3>&2 2>"$times"
read -r wall user system <"$times"
printf 'bench upload curl_wall_s %s\n' "$wall"
awk -v u="$user" -v s="$system" 'BEGIN { printf "bench upload curl_cpu_s %.3f\n", u + s }'
