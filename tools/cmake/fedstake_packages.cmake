# Third-party packages, each behind one imported target.
include(CheckCXXSourceCompiles)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)

pkg_check_modules(CRYPTOPP REQUIRED IMPORTED_TARGET libcrypto++)
pkg_check_modules(SECP256K1 REQUIRED IMPORTED_TARGET libsecp256k1)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy>=1.0)
# Vector kernels are compiled for portable code, SSE4, AVX2, AVX3 (AVX-512) and NEON. These are the
# bits of SSE2, SSSE3, AVX3_DL, AVX3_ZEN4, AVX3_SPR and SVE, which would only add code.
target_compile_definitions(PkgConfig::HWY INTERFACE HWY_DISABLED_TARGETS=0x0F0050F0LL)

if(FEDSTAKE_TESTING)
  find_package(GTest REQUIRED)
endif()
if(FEDSTAKE_BENCH)
  find_package(benchmark REQUIRED)
endif()
