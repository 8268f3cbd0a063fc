// What golden/rules.txt holds: a digest for every rule and every pre-aggregation on one fixed
// matrix. Needs nothing but the library, so that tools/check-compilers can make it with any
// compiler.
#pragma once

#include <cstddef>
#include <string>

namespace fedstake::aggregation::reference {

// One line for each chain: "name: digest of the aggregate,digests of what the rule keeps".
[[nodiscard]] std::string golden_digests(unsigned threads, std::size_t memory_bytes);

}  // namespace fedstake::aggregation::reference
