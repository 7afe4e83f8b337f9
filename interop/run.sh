#!/bin/sh
# usage: interop/run.sh BUILD [all | browser | data | video | stacks | turn | nets | loss | matrix [WORD] | sipp [WORD] | kamailio [--long] [WORD]]: against software of others.
# Fails when one of them fails.
set -eu
build=$(cd "$1" && pwd)
what=${2:-all}
shift
[ $# = 0 ] || shift
cd "$(dirname "$0")"
case $what in
browser | data | loss | video | matrix | nets | sipp | stacks | turn)
    exec sh "$what.sh" "$build" "$@"
    ;;
kamailio)
    exec sh kamailio/run.sh "$build" "$@"
    ;;
all)
    status=0
    sh kamailio/run.sh "$build" || status=$?
    [ "$status" != 77 ] || status=0 # skipped, and said so
    for one in sipp browser data video stacks matrix; do
        sh "$one.sh" "$build" || status=$?
    done
    for one in turn nets loss; do
        sh "$one.sh" "$build" || { other=$?; [ "$other" = 77 ] || status=$other; }
    done
    exit "$status"
    ;;
*)
    echo "interop: there is no '$what'; there are all, browser, data, video, stacks, turn, nets, loss, matrix, sipp and kamailio" >&2
    exit 2
    ;;
esac
