// The commit that this program was built from, for the model registry.
#pragma once

#include <string>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::coordinator {

struct BuildCommit {
    std::string hex;        // SHA-1 or SHA-256 of git; empty: built without git
    bool modified = false;  // the sources were changed since
};
// Generated when the program is built.
[[nodiscard]] BuildCommit build_commit();

// As the registry stores it: SHA-1 in the low 20 bytes, or SHA-256. RETURNS kInvalidInput for
// anything but 40 or 64 hexadecimal digits.
[[nodiscard]] Result<Digest> parse_commit(std::string_view hex);

// This build's commit; zero where there is none or the sources were changed: nothing would be
// better than a commit that is not what ran.
[[nodiscard]] Digest recorded_commit();

}  // namespace fedstake::coordinator
