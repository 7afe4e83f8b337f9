# tests/unit/<folder>/<subject>.c tests one folder and links no more than it may.
# tests/scenario/*.c (virtual time) and tests/e2e/*.c (real sockets) link the whole library.
enable_testing()
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
pkg_check_modules(SRTP2 REQUIRED IMPORTED_TARGET libsrtp2)

# What one test needs besides its folder: another implementation to compare with.
set(PP_TEST_NEEDS_srtp_oracle PkgConfig::SRTP2)
set(PP_TEST_NEEDS_sctp_over_dtls pp_dtls)
set(PP_TEST_NEEDS_peer_direct PkgConfig::SRTP2)

file(GLOB PP_SUPPORT CONFIGURE_DEPENDS tests/support/*.c)
add_library(pp_support STATIC ${PP_SUPPORT})
target_include_directories(pp_support PUBLIC tests)
target_link_libraries(pp_support PUBLIC pp_base pp_abnf PkgConfig::CMOCKA PkgConfig::CJSON PRIVATE pipit_flags)

if(TARGET pp_turn)
    file(GLOB PP_TURN_SERVER CONFIGURE_DEPENDS tests/support/turn/*.c)
    add_library(pp_turn_server STATIC ${PP_TURN_SERVER})
    target_link_libraries(pp_turn_server PUBLIC pp_support pp_turn pp_io PRIVATE pipit_flags)
    set(PP_TEST_NEEDS_turn_client pp_turn_server)
    set(PP_TEST_NEEDS_turn_memory pp_turn_server)
    set(PP_TEST_NEEDS_gather_gather pp_turn_server)
    set(PP_TEST_NEEDS_peer_relayed pp_turn_server)
    set(PP_TEST_NEEDS_peer_nat pp_turn_server)
    set(PP_TEST_NEEDS_peer_fragment pp_turn_server)
    set(PP_TEST_NEEDS_scenario_turn pp_turn_server)
    set(PP_TEST_NEEDS_scenario_trickle pp_turn_server)
endif()

function(pp_test name source)
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE pp_support ${ARGN} pipit_flags)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT
        "PIPIT_SOURCE_DIR=${CMAKE_SOURCE_DIR};PIPIT_BINARY_DIR=${CMAKE_BINARY_DIR};http_proxy=;https_proxy=;HTTPS_PROXY=")
endfunction()

# Of what an optional library is not there for.
set(PP_TESTS_WITHOUT "^$")
if(NOT USRSCTP_FOUND)
    set(PP_TESTS_WITHOUT "tests/unit/sctp/|tests/unit/peer/data(_memory|_lossy)?\\.c$|tests/scenario/data_channel\\.c$")
endif()
if(NOT SDL2_FOUND)
    string(APPEND PP_TESTS_WITHOUT "|tests/unit/devices/(sound_card|window)\\.c$")
endif()

# The tests of a folder share what is in tests/unit/<folder>/support.
function(pp_unit_tests library)
    string(REPLACE "pp_" "" folder ${library})
    file(GLOB sources CONFIGURE_DEPENDS tests/unit/${folder}/*.c)
    file(GLOB shared CONFIGURE_DEPENDS tests/unit/${folder}/support/*.c)
    list(FILTER sources EXCLUDE REGEX "${PP_TESTS_WITHOUT}")
    set(links ${library})
    if(shared)
        set(links pp_unit_${folder})
        add_library(${links} STATIC ${shared})
        target_link_libraries(${links} PUBLIC pp_support ${library} PRIVATE pipit_flags)
    endif()
    foreach(source IN LISTS sources)
        get_filename_component(subject ${source} NAME_WE)
        pp_test(unit_${folder}_${subject} ${source} ${links} ${PP_TEST_NEEDS_${folder}_${subject}})
    endforeach()
endfunction()

foreach(library IN LISTS PP_FOLDERS)
    pp_unit_tests(${library})
endforeach()
if(TARGET pp_switchboard)
    pp_unit_tests(pp_switchboard)
endif()

if(TARGET pp_ua AND TARGET pp_switchboard)
    file(GLOB PP_CAST CONFIGURE_DEPENDS tests/support/cast/*.c tests/support/walk/*.c)
    if(PP_CAST)
        add_library(pp_cast STATIC ${PP_CAST})
        target_link_libraries(pp_cast PUBLIC pp_support pp_switchboard ${PP_FOLDERS} PRIVATE pipit_flags)
        foreach(kind scenario e2e sim)
            file(GLOB sources CONFIGURE_DEPENDS tests/${kind}/*.c)
            list(FILTER sources EXCLUDE REGEX "${PP_TESTS_WITHOUT}")
            foreach(source IN LISTS sources)
                get_filename_component(subject ${source} NAME_WE)
                pp_test(${kind}_${subject} ${source} pp_cast ${PP_TEST_NEEDS_${kind}_${subject}})
                set_tests_properties(${kind}_${subject} PROPERTIES LABELS ${kind} TIMEOUT 900)
            endforeach()
        endforeach()
    endif()
endif()

# Again as with media threads: what is encoded and decoded is there so many microseconds later.
foreach(scenario allocation_sweep call conference hold opus pcm_port streams video)
    if(TARGET scenario_${scenario})
        add_test(NAME scenario_${scenario}_later COMMAND scenario_${scenario})
        set_tests_properties(scenario_${scenario}_later PROPERTIES LABELS scenario TIMEOUT 900
            ENVIRONMENT "PIPIT_SIM_WORK_US=15000;PIPIT_SWEEP_STEP=29;PIPIT_SOURCE_DIR=${CMAKE_SOURCE_DIR}")
    endif()
endforeach()

# tests/parity: what JsSIP has, what of it we have, and the tests that show it. The compiler looks for what the table names.
file(GLOB PP_HEADERS CONFIGURE_DEPENDS include/pipit/*.h)
set(PP_PARITY ${CMAKE_BINARY_DIR}/parity_symbols.c)
add_custom_command(OUTPUT ${PP_PARITY} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM
    COMMAND sh -c "awk -f tests/parity/symbols.awk include/pipit/*.h tests/parity/jssip.tsv >\"$1\"" sh ${PP_PARITY}
    DEPENDS tests/parity/symbols.awk tests/parity/jssip.tsv ${PP_HEADERS})
pp_test(parity_tables tests/parity/tables.c ${PP_FOLDERS})
target_sources(parity_tables PRIVATE ${PP_PARITY})

# tests/counted/*.c run parsers whose code counts the blocks it runs through: work without a clock.
file(GLOB_RECURSE PP_COUNTED CONFIGURE_DEPENDS src/base/*.c src/sip/*.c src/sdp/*.c src/stun/*.c src/rtp/*.c
    src/ws/*.c bench/linear/*.c)
add_library(pp_counted OBJECT ${PP_COUNTED} src/transport/websocket_url.c src/transport/authority.c)
target_include_directories(pp_counted PRIVATE src include ${CMAKE_BINARY_DIR}/include)
target_compile_options(pp_counted PRIVATE -fsanitize-coverage=trace-pc)
target_link_libraries(pp_counted PRIVATE pipit_flags)
file(GLOB sources CONFIGURE_DEPENDS tests/counted/*.c)
foreach(source IN LISTS sources)
    get_filename_component(subject ${source} NAME_WE)
    pp_test(counted_${subject} ${source} pp_counted pp_crypto)
    target_include_directories(counted_${subject} PRIVATE .)
    target_link_options(counted_${subject} PRIVATE
        -Wl,--wrap=memchr,--wrap=memcmp,--wrap=memcpy,--wrap=memmove,--wrap=strlen)
endforeach()

# tests/e2e/*.sh run the built programs as a user would; exit status 77 is a skip.
file(GLOB scripts CONFIGURE_DEPENDS tests/e2e/*.sh)
foreach(script IN LISTS scripts)
    get_filename_component(subject ${script} NAME_WE)
    add_test(NAME e2e_sh_${subject} COMMAND sh ${script} ${CMAKE_BINARY_DIR})
    set_tests_properties(e2e_sh_${subject} PROPERTIES LABELS e2e TIMEOUT 300 SKIP_RETURN_CODE 77)
endforeach()
