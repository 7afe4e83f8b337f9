# What `./run install` puts on a system: headers, libraries, pkg-config and find_package(Pipit).
include(CMakePackageConfigHelpers)

install(DIRECTORY include/pipit DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${CMAKE_BINARY_DIR}/include/pipit/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pipit)

foreach(optional SPANDSP=spandsp VPX=vpx OPENH264=openh264 USRSCTP=usrsctp)
    string(REPLACE "=" ";" pair ${optional})
    list(GET pair 0 name)
    list(GET pair 1 package)
    if(${name}_FOUND)
        string(APPEND PP_PC_REQUIRES " ${package}")
        string(APPEND PP_PC_MODULES " ${optional}")
    endif()
endforeach()
file(RELATIVE_PATH PP_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/pipit.pc.in ${CMAKE_BINARY_DIR}/pipit.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/pipit.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

configure_package_config_file(cmake/PipitConfig.cmake.in ${CMAKE_BINARY_DIR}/PipitConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Pipit)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/PipitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/PipitConfig.cmake ${CMAKE_BINARY_DIR}/PipitConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Pipit)
install(EXPORT PipitTargets NAMESPACE Pipit:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/Pipit)
