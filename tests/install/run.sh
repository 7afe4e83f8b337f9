#!/bin/sh
# Installs into a fresh prefix and builds a program there, with pkg-config and with find_package(Pipit), shared and static.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install build/release --prefix "$work/prefix" >/dev/null
library=$(dirname "$(find "$work/prefix" -name libpipit.so)")
cat >"$work/main.c" <<'END'
#include <pipit/pipit.h>
#include <stdio.h>
int main(void)
{
    pipit_loop *loop = NULL;
    char *uri = NULL;
    if (pipit_loop_new(&loop) < 0 || pipit_normalize_target("bob", "example.com", &uri) < 0) {
        fprintf(stderr, "%s\n", pipit_error_message());
        return 1;
    }
    puts(uri);
    pipit_free(uri);
    pipit_loop_unref(loop);
    return 0;
}
END
export PKG_CONFIG_PATH="$library/pkgconfig"
# shellcheck disable=SC2046
cc "$work/main.c" -o "$work/by-pkg-config" $(pkg-config --cflags --libs pipit)
[ "$(LD_LIBRARY_PATH=$library "$work/by-pkg-config")" = "sip:bob@example.com" ]
for kind in shared static; do
    mkdir "$work/$kind"
    cat >"$work/$kind/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(user C)
find_package(Pipit REQUIRED)
add_executable(user $work/main.c)
target_link_libraries(user Pipit::$kind)
END
    cmake -S "$work/$kind" -B "$work/$kind/build" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    cmake --build "$work/$kind/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    [ "$("$work/$kind/build/user")" = "sip:bob@example.com" ]
done
"$work/prefix/bin/pipit" --version >/dev/null
echo "install: headers, libraries, pkg-config, find_package (shared and static) and the command work"
