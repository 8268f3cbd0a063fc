// Names of error codes and the context helper.
#include "proto/base/result.hpp"

namespace fedstake {

std::string_view errc_name(Errc code) noexcept {
    switch (code) {
        case Errc::kInvalidInput: return "invalid-input";
        case Errc::kUnauthorized: return "unauthorized";
        case Errc::kNotNow: return "not-now";
        case Errc::kLimitExceeded: return "limit-exceeded";
        case Errc::kUnavailable: return "unavailable";
        case Errc::kConflict: return "conflict";
        case Errc::kCorrupt: return "corrupt";
        case Errc::kNotFound: return "not-found";
        case Errc::kInternal: return "internal";
    }
    return "unknown";
}

tl::unexpected<Error> with_context(Error error, std::string_view prefix) {
    error.message.insert(0, std::string(prefix) + ": ");
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace fedstake
