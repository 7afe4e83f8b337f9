# bench/<subject>.c: programs that print figures; ./run bench runs them from a release build.
pkg_check_modules(SRTP2 IMPORTED_TARGET libsrtp2)

# Another implementation to compare with.
set(PP_BENCH_NEEDS_srtp PkgConfig::SRTP2)

file(GLOB PP_BENCH CONFIGURE_DEPENDS bench/*.c)
if(NOT SRTP2_FOUND)
    list(FILTER PP_BENCH EXCLUDE REGEX "/srtp\\.c$")
endif()
foreach(source IN LISTS PP_BENCH)
    get_filename_component(name ${source} NAME_WE)
    add_executable(bench_${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(bench_${name} PRIVATE ${PP_FOLDERS} ${PP_BENCH_NEEDS_${name}} pipit_flags)
endforeach()
