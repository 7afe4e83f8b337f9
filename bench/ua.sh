# ua.sh - the parts of bench/ua.c against Kamailio on this machine, JsSIP in Node beside them, then the table.
# Sourced by tools/bench.sh, which has built bench_ua. Kamailio is Debian's; its ports are 25080 and 25443.
rounds=${BENCH_ROUNDS:-5} # interleaved, of which the least is told
crowd=${BENCH_CROWD:-10000}
program=build/release/bench_ua
work=build/bench_ua
figures=$work/figures
ws=ws://localhost:25080
wss=wss://localhost:25443

# The thread that is asked for everything: the server has a process of its own.
start_registrar() {
    need kamailio kamailio-websocket-modules kamailio-tls-modules openssl
    rm -rf "$work/kamailio"
    mkdir -p "$work/kamailio"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
    kamailio=$(command -v kamailio || echo /usr/sbin/kamailio)
    "$kamailio" -f bench/ua/kamailio.cfg -A PORT=25080 -A TLS_PORT=25443 -A "PRIVATE_KEY=\"$root/$work/key.pem\"" \
        -A "CERTIFICATE=\"$root/$work/certificate.pem\"" -m 3000 -M 64 -DD -E -w "$work/kamailio" \
        -Y "$root/$work/kamailio" >"$work/kamailio.log" 2>&1 &
    registrar=$!
    trap 'kill "$registrar" 2>/dev/null' EXIT
    sleep 3
}

# JsSIP and its WebSocket for Node, by name from npm, or no column of it.
fetch_jssip() {
    [ -d "$work/node_modules/jssip-node-websocket" ] && return 0
    command -v npm >/dev/null 2>&1 &&
        npm install --prefix "$work" --no-audit --no-fund --silent jssip@3.13.8 jssip-node-websocket >/dev/null 2>&1 &&
        return 0
    echo "JsSIP is left out: npm or its registry is not there."
    return 1
}

measure_memory() {
    "$program" memory ws bare "$ws" "$crowd"
    "$program" memory ws agent "$ws" "$crowd"
    "$program" memory wss agent "$wss" 1000 "$work/certificate.pem"
}

measure_registrations() {
    for round in $(seq "$rounds"); do
        "$program" register fresh "$ws" 500 40
        "$program" register again "$ws" 500 40
        [ -z "$jssip" ] || node --expose-gc bench/ua/jssip.mjs "$root/$work" "$ws" 500 8
    done
}

measure_transactions() {
    for round in $(seq "$rounds"); do
        for side in client server; do
            "$program" alive "$side" 1000
            "$program" alive "$side" 1000000
        done
    done
    command -v valgrind >/dev/null 2>&1 || return 0
    rm -f "$work"/callgrind.*
    for side in client server; do
        for alive in 1000 1000000; do
            valgrind -q --tool=callgrind --instr-atstart=no --callgrind-out-file="$work/callgrind.$side.$alive" \
                "$program" alive "$side" "$alive" --count
            awk -v side="$side" '/^desc: Trigger: Client Request:/ { alive = $5; times = $6 }
                 /^(summary|totals):/ { total = $2 }
                 END { print "alive." side "." alive ".instructions", total / times }' "$work/callgrind.$side.$alive.1"
        done
    done
}

mkdir -p "$work"
start_registrar
fetch_jssip && jssip=yes || jssip=
{
    measure_memory
    measure_registrations
    "$program" crowd "$ws" "$crowd" 15 45
    measure_transactions
} >"$figures"
kill "$registrar"
"$program" "$figures"
