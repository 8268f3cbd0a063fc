// Distributions' libzmq and libsodium are not built with the thread sanitizer, so that it does not
// see their atomics: whatever passes through their queues would look like a race.
#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_options();       // NOLINT: the name is the sanitizer's
extern "C" const char* __tsan_default_suppressions();  // NOLINT: the name is the sanitizer's

extern "C" const char* __tsan_default_options() {
    return "ignore_noninstrumented_modules=1";
}
extern "C" const char* __tsan_default_suppressions() {
    return "race:libzmq.so\nrace:libsodium.so\ncalled_from_lib:libzmq.so\n"
           "race:fedstake::transport::*free_payload\n";
}
#endif
