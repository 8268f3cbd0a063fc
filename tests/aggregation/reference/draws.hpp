// Random chains on random rows, for the test of all chains against their slow versions.
#pragma once

#include <string>

#include "proto/base/rng.hpp"
#include "tests/aggregation/reference/chain.hpp"

namespace fedstake::aggregation::slow {

struct Draw {
    std::string name;  // "nnm + krum, n = 7, f = 2, d = 3, ties"
    ChainQuestion question;
};

// A chain that the registry supports: up to three pre-aggregations, any rule, any f, 1 to 24 rows,
// now and then as many as 512 short ones.
[[nodiscard]] Draw draw_chain(Rng& rng);

// The same question with its rows in another order: row i comes from order[i]. A trusted row,
// claims and the memory of each row move with them.
[[nodiscard]] ChainQuestion reordered(const ChainQuestion& question,
                                      const std::vector<std::size_t>& order);

}  // namespace fedstake::aggregation::slow
