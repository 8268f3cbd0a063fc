// fedstake-sim aggregate: one aggregation of a matrix out of a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/result.hpp"

namespace fedstake::sim {

struct AggregateOptions {
    std::string rule;                     // "multi-krum" or "multi-krum:m=3"
    std::vector<std::string> parameters;  // "m=3", more of the rule
    std::vector<std::string> pre;         // "norm-clip:norm=5", in their order
    std::uint32_t f = 1;
    std::vector<double> claims;  // one for each row, of rules that take what sites claim
    std::string input = "-";     // "-": standard input
    std::optional<int> bits;     // one step is 2^-bits; left out: from the largest magnitude
    std::uint64_t seed = 1;      // of random choices of rules and pre-aggregations
    unsigned threads = 1;
    std::size_t memory_mib = 64;
    bool json = false;
    std::filesystem::path output;  // empty: none
};

// Prints the result on standard output. Results depend on neither threads nor memory.
// Rules that keep a memory from round to round start without one.
// RETURNS the errors of open_matrix(), find_largest(), choose_exponent(), aggregate_matrix() and
// write_npy_vector().
[[nodiscard]] Status aggregate(const AggregateOptions& options);

}  // namespace fedstake::sim
