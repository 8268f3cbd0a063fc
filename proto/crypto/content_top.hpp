// The node right below a content root: what is shown of a blob to prove its length on the chain.
#pragma once

#include <cstdint>
#include <span>

#include "proto/base/ids.hpp"

namespace fedstake::crypto {

// root = SHA256(0x02 | u64be total_bytes | top): content_tree.hpp. REQUIRES
// chunk_roots.size() == ceil(total_bytes / 1 MiB).
[[nodiscard]] Digest content_top(std::uint64_t total_bytes, std::span<const Digest> chunk_roots);

}  // namespace fedstake::crypto
