#!/bin/sh
# usage: interop/rtp.sh BUILD: a call with a plain SIP server's media, RTP/AVP without ICE: SIPp sends back what it gets. Fails when too
# little of our tone comes back.
set -eu
build=$(cd "$1" && pwd)
work=$(mktemp -d)
port=$((20000 + $$ % 20000 / 4 * 4))
sipp -sn uas -rtp_echo -i 127.0.0.1 -p "$port" -mp $((port + 2)) -m 1 -nostdin -timeout 30s >"$work/sipp" 2>&1 &
echo_server=$!
trap 'kill $echo_server 2>/dev/null || true; rm -rf "$work"' EXIT
sleep 1
timeout 30 "$build/pipit" call "sip:echo@127.0.0.1:$port" --server "sip:127.0.0.1:$port;transport=udp" --uri sip:me@127.0.0.1 --tone \
    --duration 4 --security none --json >"$work/call" || { cat "$work/call" "$work/sipp"; exit 1; }
figure() {
    grep '"event":"summary"' "$work/call" | grep -oE "\"$1\":[-0-9.]+" | cut -d: -f2
}
received=$(figure packets_received)
if [ "$received" -ge 150 ] && [ "$(figure packets_discarded)" = 0 ]; then
    echo "ok      plain RTP: SIPp sends our tone back  ($(figure packets_sent) packets sent, $received received)"
else
    echo "FAILED  plain RTP: of $(figure packets_sent) packets $received came back"
    exit 1
fi
