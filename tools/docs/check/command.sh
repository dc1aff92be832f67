#!/bin/sh
# Stands in for a command in the docs' blocks of shell, under its name. novita runs. For a
# command that would build, install or show, only the target, file or package is checked.
# TOP is the checkout, LUA the interpreter.
set -eu
me=${0##*/}
PATH=${PATH#*:}  # without this folder

for_each() {
  check=$1; shift
  for word; do $check "$word" || { echo "$me: there is no $word" >&2; exit 1; }; done
}
package() { case $1 in install|make|-*) ;; *) grep -qw -e "$1" "$TOP/.ci/dependencies" ;; esac; }
rockspec() { case $1 in *.rockspec) [ -f "$TOP/$1" ] ;; esac; }
script() { case $1 in -*) ;; *.lua|*.sh) [ -f "$1" ] || [ -f "$TOP/$1" ] ;; esac; }
source() { case $1 in *.c) [ -f "$1" ] || ls $TOP/$1 >/dev/null ;; esac; }

case $me in
  novita) exec "$LUA" "$TOP/bin/novita" "$@" ;;
  make) exec make -n -C "$TOP" "$@" ;;
  man) [ -f "$TOP/$2" ] ;;
  apt-get|brew) for_each package "$@" ;;
  luarocks) for_each rockspec "$@" ;;
  lua5.4|busted|sh|bash) for_each script "$@" ;;
  cc) for_each source "$@" ;;
  git) [ "$1" = clone ] || [ "$1" = config ] ;;
esac
