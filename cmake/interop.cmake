# interop/kamailio/*.c: one program of a user against a real server; it sees the public headers and the shared library only.
file(GLOB PP_INTEROP CONFIGURE_DEPENDS interop/kamailio/*.c)
add_executable(interop_kamailio ${PP_INTEROP})
target_include_directories(interop_kamailio PRIVATE .)
target_link_libraries(interop_kamailio PRIVATE pipit_shared pipit_flags)

# interop/peer/*.c: a peer connection without a call, for stacks that are scripted.
add_executable(interop_peer interop/peer/data.c)
target_link_libraries(interop_peer PRIVATE pipit_shared pipit_flags)

# interop/stacks/ours.c: a peer connection at the end of two pipes.
add_executable(interop_stacks interop/stacks/ours.c)
target_link_libraries(interop_stacks PRIVATE pipit_shared pipit_flags m)
