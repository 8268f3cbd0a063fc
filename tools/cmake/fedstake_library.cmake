# fedstake_library(name SRCS ... [HDRS ...] [PUBLIC targets] [PRIVATE targets] [SYSTEM_INCLUDES dirs])
#   makes the static library fedstake_<name> with the alias fedstake::<name>.
function(fedstake_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;HDRS;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SRCS)
    add_library(fedstake_${name} STATIC ${ARG_SRCS} ${ARG_HDRS})
    target_link_libraries(fedstake_${name} PUBLIC $<BUILD_INTERFACE:fedstake_flags> ${ARG_PUBLIC}
                          PRIVATE ${ARG_PRIVATE})
  else()
    add_library(fedstake_${name} INTERFACE)
    target_link_libraries(fedstake_${name} INTERFACE fedstake_flags ${ARG_PUBLIC})
  endif()
  add_library(fedstake::${name} ALIAS fedstake_${name})
endfunction()

# fedstake_program(name SRCS ... PRIVATE targets): an executable called fedstake-<name>.
function(fedstake_program name)
  cmake_parse_arguments(ARG "" "" "SRCS;PRIVATE" ${ARGN})
  add_executable(fedstake-${name} ${ARG_SRCS} ${FEDSTAKE_SANITIZER_SRCS})
  target_link_libraries(fedstake-${name} PRIVATE fedstake_flags ${ARG_PRIVATE})
endfunction()

# fedstake_test(name SRCS ... LIBS targets LABEL core|torch|integration|sim [TIMEOUT seconds]):
#   one GoogleTest binary; each of its tests becomes a ctest test "<name>.<Suite>.<Test>".
function(fedstake_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SRCS;LIBS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL core)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name}_test ${ARG_SRCS} ${FEDSTAKE_SANITIZER_SRCS})
  target_link_libraries(${name}_test PRIVATE fedstake_flags fedstake_test_support ${ARG_LIBS}
                        GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# fedstake_bench(name SRCS ... LIBS targets): a Google Benchmark program bench_<name>.
function(fedstake_bench name)
  cmake_parse_arguments(ARG "" "" "SRCS;LIBS" ${ARGN})
  add_executable(bench_${name} ${ARG_SRCS})
  target_link_libraries(bench_${name} PRIVATE fedstake_flags ${ARG_LIBS} benchmark::benchmark
                        benchmark::benchmark_main)
endfunction()
