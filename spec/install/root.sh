# For the scripts beside it: bare roots of Debian 12, by debootstrap. Needs root and git.
#   top=...; . spec/install/root.sh; new_root; inside "$root" 'commands, in a clone of the checkout'
# BASE=FILE keeps the packed root between calls: debootstrap takes minutes. ARCH=i386 makes others.

roots=
personality=
[ "${ARCH:-}" != i386 ] || personality=linux32
base=${BASE:-}

remove_roots() {
  for root in $roots; do
    umount "$root/proc" 2>/dev/null || :
    rm -rf --one-file-system "$root"
  done
  roots=
}

finish() {
  remove_roots
  [ -n "${BASE:-}" ] || rm -f "$base"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

on_debian() {
  [ "$(. /etc/os-release; echo "$ID")" = debian ]
}

# the mirror this machine uses itself; elsewhere than on Debian none, and debootstrap has its own
mirror() {
  on_debian || return 0
  sed -n 's/^URIs: *//p; s/^deb [^h]*\(http[^ ]*\).*/\1/p' /etc/apt/sources.list \
    /etc/apt/sources.list.d/* 2>/dev/null | head -n 1
}

empty_root() {
  root=$(mktemp -d "${TMPDIR:-/tmp}/novita-root.XXXXXX")
  chmod 755 "$root"
  roots="$roots $root"
}

# A root with make and git, as an archive.
make_base() {
  [ -n "$base" ] || base=$(mktemp "${TMPDIR:-/tmp}/novita-base.XXXXXX")
  empty_root
  debootstrap --variant=minbase ${ARCH:+--arch="$ARCH"} bookworm "$root" $(mirror) \
    >"$root.log" 2>&1 || { tail -n 20 "$root.log"; exit 1; }
  rm -f "$root.log"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  # a proxy; another system has hooks there that call its own programs
  ! on_debian || cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
  mkdir -p "$root/srv/novita"
  inside "$root" 'apt-get update -qq 2>/dev/null; apt-get install -y -qq make git >/dev/null 2>&1'
  tar -C "$root" -cf "$base" .
  rm -rf --one-file-system "$root"
}

# Sets $root.
new_root() {
  [ -s "$base" ] || make_base
  empty_root
  tar -C "$root" -xf "$base"
  mount -t proc proc "$root/proc"
  git clone -q "$top" "$root/srv/novita"
}

inside() {
  ${personality:-} chroot "$1" env -i PATH="$PATH" HOME=/tmp LANG=C.UTF-8 sh -euc "cd /srv/novita; $2"
}

# Every file, except those that any program may leave.
listing() {
  inside "$1" 'find / -xdev \( -path /proc -o -path /tmp -o -path /srv -o -path /var -o -path /dev \) \
    -prune -o -type f -print | sort'
}

# A first script: both rocks, from a neutral place.
FIRST_SCRIPT='cd /tmp && novita version && lua5.4 -e "
  local service = require([[novita.emulator]]).start {}
  local client = require([[novita]]).client { api_key = service.api_key, base_url = service.base_url }
  print(client); client:close(); service:stop()"'
