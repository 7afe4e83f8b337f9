# Sourced by ./run test: builds with sanitizers and without, runs everything, counts each test once, and ends with
# "N passed, N failed, N skipped". Logs are kept in build/logs.
logs=$root/build/logs
mkdir -p "$logs"
passed=0
failed=0
skipped=0
broken=

# step NAME COMMAND...: one check that passes or fails; exit status 77 is a skip.
step() {
    name=$1
    shift
    started=$(date +%s)
    status=0
    "$@" >"$logs/$name.log" 2>&1 || status=$?
    took=$(($(date +%s) - started))
    case $status in
    0)
        passed=$((passed + 1))
        printf 'ok      %-28s %4d s  %s\n' "$name" "$took" "$(tail -n 1 "$logs/$name.log")"
        ;;
    77)
        skipped=$((skipped + 1))
        printf 'skip    %-28s %4d s  %s\n' "$name" "$took" "$(tail -n 1 "$logs/$name.log")"
        ;;
    *)
        failed=$((failed + 1))
        broken="$broken $name"
        printf 'FAILED  %-28s %4d s  see %s\n' "$name" "$took" "$logs/$name.log"
        { grep -E '^FAILED' "$logs/$name.log" | head -n 10; tail -n 16 "$logs/$name.log"; } | cut -c 1-1000 | sed 's/^/    | /'
        ;;
    esac
}

# suite NAME BUILD CTEST-ARGUMENTS...: the programs of a build; each cmocka test and each other program counts as one.
suite() {
    name=$1
    directory=$2
    shift 2
    started=$(date +%s)
    log=$logs/$name.log
    ctest --test-dir "$directory" --parallel "$(nproc)" --verbose "$@" >"$log" 2>&1 || broken="$broken $name"
    ran=$(grep -c '\[ RUN      \]' "$log" || true)
    good=$(grep -c '\[       OK \]' "$log" || true)
    left=$(grep -c '\[  SKIPPED \]' "$log" || true)
    absent=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*Skipped' "$log" || true) # programs that wanted what is not here
    # Programs without tests of cmocka's count by their own result, and so does one that fails after its last test (a leak).
    plain=$(grep -E 'Test +#[0-9]+: (replay|example|e2e_sh)_' "$log" | grep -c ' Passed ' || true)
    programs=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*(\*\*\*Failed|\*\*\*Exception|\*\*\*Timeout|Not Run)' "$log" || true)
    bad=$((ran - good - left))
    [ "$bad" -ge "$programs" ] || bad=$programs
    passed=$((passed + good + plain))
    failed=$((failed + bad))
    skipped=$((skipped + left + absent))
    printf '%-7s %-28s %4d s  %d tests, %d failed, %d skipped\n' "$([ "$bad" = 0 ] && echo ok || echo FAILED)" "$name" \
        $(($(date +%s) - started)) $((ran + plain + absent)) "$bad" $((left + absent))
    grep -hE '^[0-9]+: +(\* )?(figure|RFC|Autobahn|certificates|sweep|torture|parity|replay):? ' "$log" | sed -E 's/^[0-9]+: +/          /' || true
    if [ "$bad" != 0 ]; then
        grep -E '\*\*\*|\[  FAILED  \]|ERROR: |SUMMARY: |: error: |runtime error' "$log" | sort -u | head -n 40 | sed 's/^/    | /'
    fi
}

export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

say "checks"
step layers sh tools/check-layers.sh
step format sh tools/check-format.sh

say "release build"
step build-release build release
step headers sh tests/headers/run.sh
step exports sh tools/check-exports.sh build/release
step install sh tests/install/run.sh
step docs sh tools/docs.sh

say "AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer"
step build-asan build asan
suite asan build/asan -LE 'e2e'

say "ThreadSanitizer"
step build-tsan build tsan unit_io_threads unit_io_workers unit_sctp_threads unit_devices_recording e2e_call_threads e2e_media_threads
suite tsan build/tsan -R 'threads|workers|recording'

say "end to end"
suite e2e build/asan -L 'e2e'
step demo sh tools/demo.sh build/release --brief
step interop-browser sh interop/run.sh build/release browser
step interop-data sh interop/run.sh build/release data
step interop-video sh interop/run.sh build/release video
step interop-stacks sh interop/run.sh build/release stacks
step interop-turn sh interop/run.sh build/release turn
step interop-nets sh interop/run.sh build/release nets
step interop-loss sh interop/run.sh build/release loss
step interop-matrix sh interop/run.sh build/release matrix
step interop-sipp sh interop/run.sh build/release sipp
step interop-kamailio sh interop/run.sh build/release kamailio

say "result"
[ -z "$broken" ] || echo "failed:$broken"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ -z "$broken" ]
