# media.sh - bench/media.c at growing numbers of legs until a core is full, GStreamer's webrtcbin beside it, codecs apart.
# Sourced by tools/bench.sh, which has built bench_media.
seconds=${BENCH_SECONDS:-5}
program=build/release/bench_media

heading() {
    printf '%-6s %6s %9s %9s %8s %8s %8s %8s %8s %8s %8s %7s\n' '' legs '% a leg' 'KiB' threads files \
        'set-up' 'p50 ms' 'p99 ms' 'p99.9' 'lost %' '% core'
}

say "legs of 50 packets a second each way that pass through one process, on one UDP port"
heading
for legs in ${BENCH_LEGS:-1 50 200 500 1000 2000 3000 4000}; do
    line=$("$program" "$legs" "$seconds" pass) || break
    printf '%s\n' "$line"
    # Full: the world around it or the core it has.
    printf '%s\n' "$line" | awk '{ exit $11 > 1 || $12 > 95 }' || break
done

say "decoded and encoded, by the loop and by media threads; from a frame's reading to its packet's coming, ms"
printf '%-6s %6s %8s %9s %9s %9s %8s %8s %8s %8s %8s %8s\n' '' legs threads '% loop' '% others' 'KiB a leg' 'p50 ms' \
    'p99 ms' 'p99.9' 'lost %' 'loop %' 'others %'
for codec in PCMU G722 opus; do
    for threads in ${BENCH_THREADS:-0 1 2}; do
        "$program" "${BENCH_CODED_LEGS:-20}" "$seconds" "$codec" "$threads"
    done
done

say "legs that pass through beside 30 pictures a second of 1,280 x 720, encoded as VP8 by the loop and by a media thread"
printf '%8s %8s %9s %9s %8s %8s %8s %8s %8s %8s\n' legs threads 'pictures' 'ms each' 'p50 ms' 'p99 ms' 'p99.9' 'lost %' \
    'loop %' 'others %'
for threads in 0 1; do
    "$program" "${BENCH_BESIDE_LEGS:-50}" "$seconds" pass "$threads" pictures
done

say "one stream: a core's share of encoding and decoding, %"
printf '%-6s %9s %9s\n' '' encode decode
"$program" codec

say "a leg on libnice and libsrtp2, one thread for all, in the same way; keys given, without DTLS"
if cmake --build build/release --target bench_media_nice >/dev/null 2>&1; then
    heading
    for legs in ${BENCH_RIVAL_LEGS:-1 50 200 500}; do
        build/release/bench_media_nice "$legs" "$seconds" || break
    done
else
    echo "left out: it is not there"
fi

(need python3-gi gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 gstreamer1.0-plugins-base \
    gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-nice) || true
say "GStreamer's webrtcbin, PCMU, silence encoded and packets dropped"
if /usr/bin/python3 bench/media/webrtcbin.py check 2>/dev/null; then
    printf '%-6s %6s %9s %9s %8s %8s %8s\n' '' legs '% a leg' 'KiB' threads files '% core'
    for legs in ${BENCH_RIVAL_LEGS:-1 20 50}; do
        timeout 120 /usr/bin/python3 bench/media/webrtcbin.py "$legs" "$seconds" 2>/dev/null || break
    done
else
    echo "left out: it is not there, or not for Python"
fi
