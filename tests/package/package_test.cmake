# install, configure, build, run; each step must work, and the output must be the known one.
function(run_step what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${what} ended with ${code}:\n${output}")
  endif()
  set(step_output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})
run_step("install" ${CMAKE_COMMAND} --install ${BUILD_DIR} --component aggregation
         --prefix ${WORK_DIR}/prefix)

# A copy: nothing of the source tree may be needed.
file(COPY ${SOURCE_DIR}/examples/aggregation DESTINATION ${WORK_DIR})
run_step("configure" ${CMAKE_COMMAND} -S ${WORK_DIR}/aggregation -B ${WORK_DIR}/build
         -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
         -DCMAKE_PREFIX_PATH=${WORK_DIR}/prefix)
run_step("build" ${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run_step("run" ${WORK_DIR}/build/aggregation-example)
message("${step_output}")
if(NOT step_output MATCHES "row 4 norm 45\\.4313 cosine -[01][.0-9]* unusual")
  message(FATAL_ERROR "the hostile row is not reported as unusual")
endif()
if(step_output MATCHES "row [0123][^\n]*unusual")
  message(FATAL_ERROR "an honest row is reported as unusual")
endif()

# The installed package must not name this source or build tree.
file(GLOB configs ${WORK_DIR}/prefix/lib*/cmake/fedstake/*.cmake
     ${WORK_DIR}/prefix/lib*/*/cmake/fedstake/*.cmake)
if(NOT configs)
  message(FATAL_ERROR "no package files were installed")
endif()
foreach(config IN LISTS configs)
  file(READ ${config} text)
  string(FIND "${text}" "${SOURCE_DIR}/" in_source)
  string(FIND "${text}" "${BUILD_DIR}/" in_build)
  if(NOT in_source EQUAL -1 OR NOT in_build EQUAL -1)
    message(FATAL_ERROR "${config} names a folder of the build")
  endif()
endforeach()
