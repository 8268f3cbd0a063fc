// Commits as words of the registry.
#include <algorithm>

#include "coordinator/app/build_commit.hpp"
#include "proto/base/bytes.hpp"

namespace fedstake::coordinator {

Result<Digest> parse_commit(std::string_view hex) {
    constexpr std::size_t kSha1 = 40;
    constexpr std::size_t kSha256 = 64;
    const auto bytes = from_hex(hex);
    const bool whole = bytes && bytes->size() * 2 == hex.size();  // no 0x in front
    if (!whole || (hex.size() != kSha1 && hex.size() != kSha256)) {
        return fail(Errc::kInvalidInput, "commit '" + std::string(hex.substr(0, kSha256)) +
                                             "': must be the 40 or 64 hexadecimal digits that "
                                             "`git rev-parse HEAD` prints");
    }
    Digest commit;
    std::ranges::copy(*bytes, commit.bytes.end() - static_cast<std::ptrdiff_t>(bytes->size()));
    return commit;
}

Digest recorded_commit() {
    const BuildCommit built = build_commit();
    if (built.modified) {
        return {};
    }
    return parse_commit(built.hex).value_or(Digest{});
}

}  // namespace fedstake::coordinator
