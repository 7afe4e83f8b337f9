#!/bin/sh
# usage: network.sh BUILD: two machines, network namespaces with a cable between them. The address of one of them changes in the middle of a
# call, and with it that of its connection to the server: both are noticed, and the call goes on. Exit status 77 where namespaces are
# not allowed.
set -u
if [ "${2:-}" != inside ]; then
    command -v ip >/dev/null && command -v nsenter >/dev/null || { echo "skipped: no iproute2 or nsenter"; exit 77; }
    for how in "unshare --net" "unshare --map-root-user --net"; do
        # shellcheck disable=SC2086
        $how ip link add check0 type veth peer name check1 2>/dev/null && exec $how sh "$0" "$1" inside
    done
    echo "skipped: network namespaces are not allowed"
    exit 77
fi
. "$(dirname "$0")/../support/programs.sh"
pipit=$(cd "$1" && pwd)/pipit
work=$(mktemp -d)
cd "$work" || exit 1
XDG_CONFIG_HOME=$work
PIPIT_PASSWORD=secret
export XDG_CONFIG_HOME PIPIT_PASSWORD
trap 'end_programs; rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    for file in serve bob alice; do
        sed "s/^/    $file: /" $file
    done
    exit 1
}

# A namespace is where a process is. Bob's is another one; alice and the server are here.
unshare --net sleep 100 &
there=$!
processes=$there
until [ "$(readlink /proc/$there/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
    sleep 0.05
done
bobs() {
    nsenter --target "$there" --net -- "$@"
}
ip link set lo up
ip link add cable type veth peer name eth0 netns "$there" || fail "no cable"
ip address add 10.1.0.1/24 dev cable
ip link set cable up
bobs ip link set lo up
bobs ip address add 10.1.0.2/24 dev eth0
bobs ip link set eth0 up

"$pipit" serve --no-wss --ws 10.1.0.1:8080 --user alice:secret --user bob:secret >serve 2>&1 &
processes="$processes $!"
await serve ':8080'
bobs "$pipit" answer --server ws://10.1.0.1:8080 --uri sip:bob@localhost --echo --once --json >bob 2>&1 &
processes="$processes $!"
await bob '"registered"'
timeout 60 "$pipit" call bob --server ws://10.1.0.1:8080 --uri sip:alice@localhost --register --tone --duration 12 --json >alice 2>&1 &
call=$!
await alice '"media".*"connected"'
sleep 2
bobs ip address del 10.1.0.2/24 dev eth0
bobs ip address add 10.1.0.3/24 dev eth0
wait $call || fail "the call ended with status $?"
await bob '"summary"'
grep -q '"ended"' bob || fail "bob did not hear that alice hung up"
grep -q '"disconnected".*address of the connection' bob || fail "the connection was not made anew"
grep -q '"local_candidate":"10.1.0.3:' bob || fail "bob's sound does not come from his new address"
# Of 600 packets a second or two are missing; when silence has to tell it is twelve.
received=$(sed -n 's/.*"event":"summary".*"packets_received":\([0-9]*\).*/\1/p' alice)
[ "${received:-0}" -ge 380 ] || fail "alice has heard $received packets of 600"
echo "bob moved within a call; alice has heard $received packets of 600"
