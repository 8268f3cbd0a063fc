// Exit codes of every fedstake program. docs/exit-codes.md lists them with a fix for each.
#pragma once

#include "proto/base/result.hpp"

namespace fedstake {

enum class ExitCode : int {
    kSuccess = 0,
    kInternal = 1,       // a bug: please report it with the log
    kBadInput = 2,       // command line, configuration, data file or manifest is wrong
    kNotFound = 3,       // a file, program or record is not there
    kUnauthorized = 4,   // key, passphrase, file permissions or enrolment
    kUnavailable = 5,    // coordinator, chain node or disk does not answer
    kConflict = 6,       // port in use, folder locked, another truth on the chain
    kCorrupt = 7,        // bytes do not match their digest
    kLimit = 8,          // a configured bound was hit
    kNotNow = 9,         // valid, but too early or too late
    kVerifyFailed = 10,  // a recomputed figure differs from the claimed one
    kRoundsFailed = 11,  // the run ended before its last round
    kUnprovable = 12,    // a fault was found that the contracts take no proof of
    kInterrupted = 130,  // Ctrl-C or SIGTERM
};

[[nodiscard]] constexpr int exit_code(ExitCode code) noexcept {
    return static_cast<int>(code);
}

[[nodiscard]] constexpr ExitCode exit_code_for(Errc code) noexcept {
    switch (code) {
        case Errc::kInvalidInput: return ExitCode::kBadInput;
        case Errc::kUnauthorized: return ExitCode::kUnauthorized;
        case Errc::kNotNow: return ExitCode::kNotNow;
        case Errc::kLimitExceeded: return ExitCode::kLimit;
        case Errc::kUnavailable: return ExitCode::kUnavailable;
        case Errc::kConflict: return ExitCode::kConflict;
        case Errc::kCorrupt: return ExitCode::kCorrupt;
        case Errc::kNotFound: return ExitCode::kNotFound;
        case Errc::kInternal: return ExitCode::kInternal;
    }
    return ExitCode::kInternal;
}

}  // namespace fedstake
