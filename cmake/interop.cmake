# interop/kamailio/*.c: one program of a user against a real server; it sees the public headers and the shared library only.
file(GLOB PP_INTEROP CONFIGURE_DEPENDS interop/kamailio/*.c)
add_executable(interop_kamailio ${PP_INTEROP})
target_include_directories(interop_kamailio PRIVATE .)
target_link_libraries(interop_kamailio PRIVATE pipit_shared pipit_flags)

# interop/stacks/ours.c: a peer connection at the end of two pipes.
add_executable(interop_stacks interop/stacks/ours.c)
target_link_libraries(interop_stacks PRIVATE pipit_shared pipit_flags m)

# interop/nets/*.c: network namespaces with NAT, loss and delay between them. The NAT is the one of the simulated networks.
file(GLOB PP_NETS CONFIGURE_DEPENDS interop/nets/*.c)
add_executable(interop_nets ${PP_NETS} tests/support/nat.c tests/support/dice.c)
target_include_directories(interop_nets PRIVATE . tests)
target_link_libraries(interop_nets PRIVATE pp_base pipit_flags)
