#!/bin/sh
# Sends job directories of Avocado to an avocado-server, with nothing but tar and curl. For machines that the
# avocado-server binary is not built for; it does the same as `avocado-server upload`.
#
#   upload.sh JOB_DIR... [URL]
#
# URL: http://[user:password@]server:9405, or AVOCADO_SERVER_URL, or the server that this script came from.
# AVOCADO_SERVER_TOKEN: a token in place of user and password.

set -eu
url=${AVOCADO_SERVER_URL:-@ORIGIN@}
patience=${AVOCADO_SERVER_PATIENCE:-120}

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

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

send() {
  tar -C "$1" -cf - . | $packer |
    curl -sS -o "$answer" -w '%{http_code}' ${AVOCADO_SERVER_TOKEN:+-H "Authorization: Bearer $AVOCADO_SERVER_TOKEN"} \
      -H 'Content-Type: application/octet-stream' -H 'Expect:' -X POST -T - "$url/imports/"
}

failed=0
for directory; do
  case $directory in
  http://* | https://*) continue ;;
  esac
  if [ ! -d "$directory/." ]; then
    echo "$directory: there is no such directory." >&2
    failed=1
    continue
  fi
  pause=1
  waited=0
  while :; do
    status=$(send "$directory/." || true)
    case $status in
    2*)
      cat "$answer"
      echo
      break
      ;;
    4*)
      echo "$directory: refused ($status): $(cat "$answer")" >&2
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
