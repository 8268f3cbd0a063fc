# What other projects use: `cmake --install BUILD --component aggregation --prefix DIR` puts the
# aggregation library, what it is built on, their headers and a CMake package into DIR.
#   find_package(fedstake 0.1 REQUIRED)
#   target_link_libraries(mine PRIVATE fedstake::aggregation)
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# In the order of the dependency arrows. No LibTorch and no ZeroMQ below aggregation.
set(FEDSTAKE_PACKAGE_LIBRARIES base crypto rules aggregation)
set(FEDSTAKE_PACKAGE_FOLDERS proto/base proto/crypto proto/rules aggregation)

# Installs the package's libraries, where all of them are built.
function(fedstake_install_package)
  foreach(name IN LISTS FEDSTAKE_PACKAGE_LIBRARIES)
    if(NOT TARGET fedstake_${name})
      return()
    endif()
  endforeach()
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/fedstake)
  foreach(name IN LISTS FEDSTAKE_PACKAGE_LIBRARIES)
    set_target_properties(fedstake_${name} PROPERTIES EXPORT_NAME ${name})
    target_compile_features(fedstake_${name} PUBLIC cxx_std_20)
    install(TARGETS fedstake_${name} EXPORT fedstakeTargets
            ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT aggregation
            INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/fedstake)
  endforeach()
  foreach(folder IN LISTS FEDSTAKE_PACKAGE_FOLDERS)
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/${folder}/
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/fedstake/${folder}
            COMPONENT aggregation
            FILES_MATCHING PATTERN "*.hpp"
            PATTERN "kernels" EXCLUDE)
  endforeach()
  install(EXPORT fedstakeTargets NAMESPACE fedstake:: DESTINATION ${package_dir}
          COMPONENT aggregation)
  configure_package_config_file(${CMAKE_SOURCE_DIR}/tools/cmake/fedstakeConfig.cmake.in
      ${CMAKE_BINARY_DIR}/package/fedstakeConfig.cmake INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/fedstakeConfigVersion.cmake
      COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/package/fedstakeConfig.cmake
                ${CMAKE_BINARY_DIR}/package/fedstakeConfigVersion.cmake
          DESTINATION ${package_dir} COMPONENT aggregation)
endfunction()
