# jitter.sh - sourced by tools/bench.sh: the folder for the picture, then the table.
mkdir -p build/bench
build/release/bench_jitter
