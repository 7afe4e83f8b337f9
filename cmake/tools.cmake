# Programs for tests, not installed: compare_speech tells whether a recording holds what was played.
add_library(pp_speech STATIC tools/speech_similarity.c)
target_include_directories(pp_speech PUBLIC tools)
target_link_libraries(pp_speech PUBLIC pp_base m PRIVATE pipit_flags)
add_executable(compare_speech tools/compare_speech.c)
target_link_libraries(compare_speech PRIVATE pp_speech pp_devices pp_media pipit_flags)

if(PIPIT_TESTS)
    pp_test(tools_speech_similarity tests/unit/tools/speech_similarity.c pp_speech pp_devices pp_media)
endif()
