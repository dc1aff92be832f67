#!/bin/sh
# Runs a training server on this machine, and trains for real: no GPU, no key of the service, no
# cost. The trainer is examples/trainer: it learns images of 16 x 16 pixels in some seconds.
#
#   sh examples/own_server.sh [FOLDER OF PHOTOS]
#
# PYTHON is a Python with torch and Pillow, default Debian's. The last line is the mean distance
# of images to the nearest photo, without the model and with it.
set -eu

photos=${1:-examples/photos}
python=${PYTHON:-/usr/bin/python3}
trainer=$PWD/examples/trainer

"$python" -c 'import torch, PIL' 2>/dev/null || {
  echo "$python has no torch or Pillow: apt-get install python3-torch python3-pil" >&2
  exit 1
}

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; }; rm -rf "$folder"' EXIT

show() {
  printf '$ novita %s\n' "$*"
  novita "$@"
}

# What an administrator does once.
echo '{ "v1-5-pruned-emaonly": { "path": "/models/tiny", "family": "sd15" } }' \
  >"$folder/models.json"
NOVITA_API_KEY=$(novita serve key add demo --data "$folder/data")
novita serve --data "$folder/data" --models "$folder/models.json" --port 0 \
  --trainer "$python $trainer/train.py" --generator "$python $trainer/generate.py" \
  >"$folder/address" 2>"$folder/log" &
server=$!
until grep -qs NOVITA_BASE_URL "$folder/address"; do
  kill -0 "$server" || { cat "$folder/log"; exit 1; }
  sleep 0.1
done
. "$folder/address"
export NOVITA_API_KEY NOVITA_BASE_URL

# What everyone does who has the address and a key.
show train "$photos" --prompt 'a photo of ohwx' --steps 600 --set seed=7 --crop center \
  --poll 1 --journal "$folder/run.db"
model=$(novita models --json | sed 's/.*"sd_name":"\([^"]*\)".*/\1/')
show models --download "$model" --out "$folder/model.safetensors"
show inspect "$folder/model.safetensors"

# generate NAME [OPTION...]: four images; prints how far they are from the photos.
generate() {
  out=$folder/$1
  shift
  novita generate --prompt 'a photo of ohwx' --base v1-5-pruned-emaonly.safetensors --count 4 \
    --seed 7 --out "$out" "$@" >&2
  "$python" "$trainer/distance.py" "$photos" "$out"/*
}

without=$(generate without)
with=$(generate with --model "$model:1")
echo "learned: $without -> $with"
