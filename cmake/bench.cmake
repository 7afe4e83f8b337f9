# bench/<subject>.c: programs that print figures; ./run bench runs them from a release build.
# bench/<subject>/*.c belong to it too, and bench/<subject>.sh runs it where starting it is not enough.
pkg_check_modules(SRTP2 IMPORTED_TARGET libsrtp2)
pkg_check_modules(NICE IMPORTED_TARGET nice)
pkg_check_modules(OSIP2 IMPORTED_TARGET libosip2)
pkg_check_modules(SOFIA IMPORTED_TARGET sofia-sip-ua)
find_path(VALGRIND_INCLUDE valgrind/callgrind.h)

# Another implementation to compare with.
set(PP_BENCH_NEEDS_srtp PkgConfig::SRTP2)
# Its heap is counted as well.
set(PP_BENCH_NEEDS_jitter PkgConfig::SPEEXDSP)
set(PP_BENCH_NEEDS_ua PkgConfig::OPENSSL)
set(PP_BENCH_NEEDS_call PkgConfig::OPENSSL)
set(PP_BENCH_PARTS_call bench/ua/memory.c)

file(GLOB PP_BENCH CONFIGURE_DEPENDS bench/*.c)
if(NOT SRTP2_FOUND)
    list(FILTER PP_BENCH EXCLUDE REGEX "/srtp\\.c$")
endif()
foreach(source IN LISTS PP_BENCH)
    get_filename_component(name ${source} NAME_WE)
    file(GLOB parts CONFIGURE_DEPENDS bench/${name}/*.c)
    list(FILTER parts EXCLUDE REGEX "/(heap|osip|sofia|nice)\\.c$")
    list(APPEND parts ${PP_BENCH_PARTS_${name}})
    add_executable(bench_${name} EXCLUDE_FROM_ALL ${source} ${parts})
    target_link_libraries(bench_${name} PRIVATE ${PP_FOLDERS} ${PP_BENCH_NEEDS_${name}} pipit_flags)
endforeach()

# Legs as a media server on libnice has them.
if(NICE_FOUND AND SRTP2_FOUND)
    add_executable(bench_media_nice EXCLUDE_FROM_ALL bench/media/nice.c bench/media/measure.c)
    target_link_libraries(bench_media_nice PRIVATE ${PP_FOLDERS} PkgConfig::NICE PkgConfig::SRTP2 pipit_flags)
endif()

# The parsers that ours is compared with, and the same program with a heap that counts.
add_executable(bench_parse_heap EXCLUDE_FROM_ALL $<TARGET_PROPERTY:bench_parse,SOURCES> bench/parse/heap.c)
target_link_libraries(bench_parse_heap PRIVATE ${PP_FOLDERS} pipit_flags)
if(VALGRIND_INCLUDE)
    target_compile_definitions(bench_ua PRIVATE BENCH_CALLGRIND)
endif()
foreach(program bench_parse bench_parse_heap)
    target_compile_definitions(${program} PRIVATE BENCH_MESSAGES="${CMAKE_SOURCE_DIR}/bench/parse/messages")
    if(OSIP2_FOUND AND SOFIA_FOUND)
        target_sources(${program} PRIVATE bench/parse/osip.c bench/parse/sofia.c)
        target_compile_definitions(${program} PRIVATE BENCH_PEERS)
        target_link_libraries(${program} PRIVATE PkgConfig::OSIP2 PkgConfig::SOFIA)
    endif()
    if(VALGRIND_INCLUDE)
        target_compile_definitions(${program} PRIVATE BENCH_CALLGRIND)
    endif()
endforeach()
