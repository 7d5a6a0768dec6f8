#!/bin/sh
# Sends Avocado's job directories, or zips of them, to an avocado-server with tar and curl. It does the same as
# `avocado-server upload`, on machines that the avocado-server binary is not built for.
#
#   upload.sh JOB_DIR... [URL]
#
# URL: http://server:9405, or AVOCADO_SERVER_URL, or the server that this script came from.
# AVOCADO_SERVER_TOKEN: a token of the server; AVOCADO_SERVER_TOKEN_FILE: a file that holds the token.
# AVOCADO_SERVER_LABELS: labels of the jobs, KEY=VALUE, separated by commas; \, is a comma in a value.
# AVOCADO_SERVER_DESCRIPTION: the description of the jobs.

set -eu
url=${AVOCADO_SERVER_URL:-@ORIGIN@}
patience=${AVOCADO_SERVER_PATIENCE:-120}
break='
'

for last; do :; done
case ${last:-} in
http://* | https://*) url=$last ;;
esac
[ $# -gt 0 ] && [ "$1" != "$url" ] || {
  echo "usage: upload.sh JOB_DIR... [URL]" >&2
  exit 2
}
url=${url%/}

packer='gzip -c' # zstd makes it smaller, gzip is everywhere
if command -v zstd >/dev/null 2>&1; then packer='zstd -q -c'; fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# The token goes into a file, because every user of this machine can read command lines.
umask 077
: >"$scratch/curlrc"
token=${AVOCADO_SERVER_TOKEN:-}
if [ -z "$token" ] && [ -n "${AVOCADO_SERVER_TOKEN_FILE:-}" ]; then
  token=$(cat "$AVOCADO_SERVER_TOKEN_FILE") || exit 1
fi
if [ -n "$token" ]; then echo "header = \"Authorization: Bearer $token\"" >"$scratch/curlrc"; fi

encode() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'; }

query="?uploader_host=$(encode "$(hostname 2>/dev/null || uname -n)")"
# What the first key ends with: KEY=VALUE or KEY:VALUE.
labels=${AVOCADO_SERVER_LABELS:-}
separator=${labels#"${labels%%[=:]*}"}
separator=${separator%"${separator#?}"}

# Whether a text begins with a key. A comma separates labels only before one.
begins_with_key() {
  case $1 in *"$separator"*) ;; *) return 1 ;; esac
  case ${1%%"$separator"*} in '' | *[!A-Za-z0-9_.-]*) return 1 ;; esac
}

while [ -n "$labels" ]; do
  label=
  while :; do
    label=$label${labels%%,*}
    case $labels in
    *,*) labels=${labels#*,} ;;
    *) labels= && break ;;
    esac
    case $label in
    *\\) label=${label%\\} ;;
    *) if begins_with_key "$labels"; then break; fi ;;
    esac
    label=$label,
  done
  if [ -n "$label" ]; then query="$query&label=$(encode "${label%%[=:]*}:${label#*[=:]}")"; fi
done
if [ -n "${AVOCADO_SERVER_DESCRIPTION:-}" ]; then
  query="$query&description=$(encode "$AVOCADO_SERVER_DESCRIPTION")"
fi

leave_out() { echo "$directory: $1 is left out: $2." >&2; }

# Whether a file of 1 MiB or more packs to less than a hundredth of its size: a server refuses such an archive.
is_repetitive() { [ "$(($(gzip -1 -c "$1" | wc -c) * 100))" -lt "$(($(wc -c <"$1")))" ]; }

# Writes the names of the files to send, one a line. It leaves out files that would make the server refuse the job.
list() {
  here=$(pwd -P)
  count=$(find . -path "*$break*" -exec echo x \; | wc -l)
  if [ "$count" -gt 0 ]; then leave_out "what has a line break in its name ($((count)) files)" 'no archive should hold that'; fi
  find . ! -path "*$break*" ! -type f ! -type d ! -type l | while IFS= read -r path; do
    leave_out "$path" 'it is no regular file'
  done
  find . -type l ! -path "*$break*" | while IFS= read -r path; do
    case $(readlink -f "$path" || echo "$here/") in
    "$here" | "$here"/*) ;; # the file that it points to is sent anyway
    *) leave_out "$path" 'it is a link out of the directory' ;;
    esac
  done
  find . -type f ! -path "*$break*" -size +1048576 | while IFS= read -r path; do
    leave_out "$path" 'it is larger than 512 MiB'
  done
  find . -type f ! -path "*$break*" ! -size +1048576 ! -size +2047 >"$scratch/small"
  find . -type f ! -path "*$break*" ! -size +1048576 -size +2047 >"$scratch/large"
  while IFS= read -r path; do
    if [ -r "$path" ]; then printf '%s\n' "$path"; else leave_out "$path" 'this user may not read it'; fi
  done <"$scratch/small"
  while IFS= read -r path; do
    case $path in
    ./results.json | ./.journal.sqlite) printf '%s\n' "$path"; continue ;;
    esac
    if [ ! -r "$path" ]; then leave_out "$path" 'this user may not read it'
    elif is_repetitive "$path"; then leave_out "$path" 'it repeats itself, or is a hole'
    else printf '%s\n' "$path"; fi
  done <"$scratch/large"
}

# GNU tar interprets escapes in a list of names.
unescaped() {
  case $(tar --version 2>/dev/null) in
  *GNU*) sed 's/\\/\\\\/g' "$1" ;;
  *) cat "$1" ;;
  esac
}

pack() {
  if [ -f "$1" ]; then
    cat "$1"
    return
  fi
  unescaped "$scratch/files" >"$scratch/names"
  tar -C "$1" -cf - -T "$scratch/names" | $packer
}

send() {
  pack "$1" | curl -K "$scratch/curlrc" -sS -o "$scratch/answer" -w '%{http_code}' \
    -H 'Content-Type: application/octet-stream' -H 'Accept: application/json' -H 'Expect:' -X POST -T - "$url/imports/$query"
}

# Prints the server's answer, but not an HTML page, which comes from some other server.
sentence() {
  if grep -qi '<html' "$scratch/answer" 2>/dev/null; then
    echo "there is no avocado-server at $url: its URL is such as http://server:9405, without a path."
  else
    cat "$scratch/answer"
  fi
}

failed=0
for directory; do
  case $directory in
  http://* | https://*) continue ;;
  esac
  source=$directory
  if [ -d "$directory/." ]; then
    source=$directory/.
    if ! (cd "$source" && list) >"$scratch/files"; then
      echo "$directory: it cannot be read." >&2
      failed=1
      continue
    fi
  elif [ ! -f "$directory" ] || [ ! -r "$directory" ]; then
    echo "$directory: there is no such directory or file, or it cannot be read." >&2
    failed=1
    continue
  fi
  pause=1
  waited=0
  while :; do
    : >"$scratch/answer"
    status=$(send "$source" || true)
    case $status in
    2*)
      cat "$scratch/answer"
      echo
      break
      ;;
    3* | 4*)
      echo "$directory: refused ($status): $(sentence)" >&2
      failed=1
      break
      ;;
    esac
    if [ "$waited" -ge "$patience" ]; then
      echo "$directory: the server is away (${status:-no connection})." >&2
      failed=1
      break
    fi
    sleep "$pause"
    waited=$((waited + pause))
    pause=$((pause < 30 ? pause * 2 : 30))
  done
done
exit "$failed"
