# Language level, warnings, determinism flags, sanitizers, build speed.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(FEDSTAKE_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

add_library(fedstake_flags INTERFACE)
target_compile_options(fedstake_flags INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Wnull-dereference
    # Bit-identical results for every compiler and CPU: no contraction into fma, no fast math.
    -ffp-contract=off -fno-fast-math)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # gcc 12's flow-based guesses are wrong in optimised library code (string operator+, AVX-512
  # intrinsics, vector comparison, std::variant): hundreds of lines on a first build that nobody can
  # act on. clang, the sanitizers and the debug builds look for the same defects.
  target_compile_options(fedstake_flags INTERFACE -Wduplicated-cond -Wlogical-op
      -Wno-null-dereference
      $<$<CONFIG:Release>:-Wno-maybe-uninitialized;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-array-bounds;-Wno-free-nonheap-object>
      $<$<NOT:$<CONFIG:Release>>:-Wno-error=maybe-uninitialized;-Wno-error=restrict;-Wno-error=stringop-overflow;-Wno-error=stringop-overread;-Wno-error=array-bounds>)
endif()
# Warnings are errors for the compilers that the project is checked with; a newer one that warns about
# something else must not keep a user from building.
if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13) OR
   (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15))
  target_compile_options(fedstake_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(fedstake_flags INTERFACE -Wno-unknown-warning-option)
endif()
target_include_directories(fedstake_flags INTERFACE ${CMAKE_SOURCE_DIR})

# In every program and test: what the sanitizer cannot see into.
set(FEDSTAKE_SANITIZER_SRCS "")
if(FEDSTAKE_SANITIZE MATCHES thread)
  set(FEDSTAKE_SANITIZER_SRCS ${CMAKE_SOURCE_DIR}/tools/cmake/tsan_suppressions.cpp)
endif()
if(FEDSTAKE_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-tsan)  # Boost.Asio's fences, which the sanitizer does not follow
endif()
if(FEDSTAKE_SANITIZE)
  add_compile_options(-fsanitize=${FEDSTAKE_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FEDSTAKE_SANITIZE})
endif()
if(FEDSTAKE_FUZZING)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(FEDSTAKE_DEV_CCACHE)
  find_program(FEDSTAKE_CCACHE ccache)
  if(FEDSTAKE_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${FEDSTAKE_CCACHE})
  endif()
endif()

# A file that includes LibTorch takes about 1.1 GB to compile: never more than two at once.
set_property(GLOBAL PROPERTY JOB_POOLS torch_pool=2)
set(FEDSTAKE_TORCH_COMPONENTS client/training client/app demo)
