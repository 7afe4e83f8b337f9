# bench/<subject>.c: programs that print figures; ./run bench runs them from a release build.
file(GLOB PP_BENCH CONFIGURE_DEPENDS bench/*.c)
foreach(source IN LISTS PP_BENCH)
    get_filename_component(name ${source} NAME_WE)
    add_executable(bench_${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(bench_${name} PRIVATE ${PP_FOLDERS} pipit_flags)
endforeach()
