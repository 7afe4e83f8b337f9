#!/bin/sh
# usage: interop/kamailio/run.sh BUILD [--long | --serve] [WORD]: user agents of ours against Kamailio. Prints a line a case; fails
# when one fails. --long restarts the server 200 times instead of 30; with WORD only cases with that word in their name; --serve
# only has the servers run until standard input ends. Without a Kamailio it is skipped with 77.
set -eu
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")"
PATH=$PATH:/usr/sbin
if ! command -v kamailio >/dev/null || ! command -v kamcmd >/dev/null; then
    echo "interop kamailio: skipped, there is no Kamailio on this machine; on Debian ./run interop kamailio installs it"
    exit 77
fi
logs=$build/../logs
[ "${1:-}" != --serve ] || logs=$build/../logs/browser
mkdir -p "$logs"
logs=$(cd "$logs" && pwd)
rm -f "$logs"/kamailio-*.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# An authority of our own and the certificate of the servers.
{
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=Pipit test authority" \
        -addext basicConstraints=critical,CA:TRUE -keyout "$work/ca.key" -out "$work/ca.pem"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout "$work/server.key" -out "$work/server.csr"
    echo "subjectAltName=DNS:localhost,IP:127.0.0.1,DNS:lab.test" >"$work/server.ext"
    openssl x509 -req -in "$work/server.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
        -extfile "$work/server.ext" -out "$work/server.pem"
} >"$work/openssl.log" 2>&1 || { cat "$work/openssl.log" >&2; exit 1; }
cp ./*.cfg "$work"
mkdir "$work/tables"
for table in version presentity active_watchers watchers xcap; do
    cp "/usr/share/kamailio/dbtext/kamailio/$table" "$work/tables"
done
chmod -R u=rwX,go=rX "$work"
[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$work" # the servers run as nobody then

status=0
"$build/interop_kamailio" "$work" "$logs" "$@" || status=$?
exit "$status"
