#!/bin/sh
# Every #include of src/ stays within what tools/layers.txt allows its folder, and third-party names stay behind their doors.
cd "$(dirname "$0")/.." || exit 2

awk '
    FNR == NR { if ($0 ~ /^[a-z]+:/) { split($0, part, ":"); allowed[part[1]] = " " part[1] part[2] " " } next }
    /^#include "/ {
        split(FILENAME, path, "/"); folder = path[2]
        split($0, quoted, "\""); split(quoted[2], target, "/")
        if (target[1] == "pipit") next
        if (index(allowed[folder], " " target[1] " ") == 0) { print FILENAME ": may not include " quoted[2]; bad = 1 }
    }
    END { exit bad }
' tools/layers.txt $(find src -name '*.[ch]') || exit 1

# door NAME FOLDERS...: a header is included in those folders only.
door() {
    pattern=$1
    shift
    for file in $(grep -rlE "#include <$pattern" src switchboard 2>/dev/null); do
        case " $* " in
        *" $(echo "$file" | cut -d/ -f2) "*) ;;
        *)
            echo "$file: <$pattern> belongs into: $*"
            return 1
            ;;
        esac
    done
}

door 'uv\.h' io && door 'ares' io && door 'openssl/' crypto dtls srtp && door 'opus' media && door 'speex' media &&
    door 'vpx/' video &&
    door 'wels/' video && door 'sndfile' devices && door 'libav' devices && door 'expat' event && door 'usrsctp' sctp || exit 1

# Peers choose the keys of our tables: uthash comes through base/map.h, which gives it a keyed hash.
if grep -rnE '#include <uthash\.h>|(define|undef) HASH_(FUNCTION|KEYCMP)' src switchboard cli --include='*.[ch]' | grep -v '^src/base/map\.h:'; then
    echo "uthash without the keyed hash of base/map.h"
    exit 1
fi

# Clocks, files and chance come from outside, except in the hands.
if grep -rnE '\b(gettimeofday|clock_gettime|time|rand|random|getrandom|fopen|open)\(' src --include='*.c' |
    grep -vE '^src/(io|devices|crypto)/' | grep -vE '(->|\.)(open|time)\(|[a-z_]_(open|time|random)\(|^[^:]*:[0-9]+: *(/?\*|//)'; then
    echo "a clock, a file or chance is fetched below io/ and devices/"
    exit 1
fi
if grep -rnwE '(strcpy|strcat|sprintf|vsprintf|atoi|atol|strtok|alloca|gets|malloc|calloc|realloc|free)' src switchboard --include='*.c' |
    grep -vE '^src/base/alloc\.c' | grep -vE ':[0-9]+:\s*(/?\*|//)|/\*.*\b(free|malloc)\b.*\*/|->free|\.free|"[^"]*\b(free)\b[^"]*"'; then
    echo "one of the banned calls"
    exit 1
fi
echo "layers: $(grep -cE '^[a-z]+:' tools/layers.txt) folders, every include within its bounds"
