# Sourced by scripts that start other programs and wait for what they do. Wants a `fail SENTENCE` that ends the script.
processes= # that are still to be ended

end_programs() {
    for process in $processes; do
        kill -TERM "$process" 2>/dev/null || true
    done
    wait 2>/dev/null || true
}

# await_that SENTENCE COMMAND...: until the command succeeds. After ten seconds it is the sentence that fails.
await_that() {
    sentence=$1
    shift
    tries=200
    until "$@" 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "$sentence"
        sleep 0.05
    done
}

# await FILE PATTERN: until a line of the file fits.
await() {
    await_that "no '$2' in $1" grep -q "$2" "$1"
}
