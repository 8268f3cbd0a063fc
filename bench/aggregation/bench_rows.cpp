#include "bench/aggregation/bench_rows.hpp"

#include <span>

#include "proto/base/rng.hpp"

namespace fedstake::aggregation::bench {

BenchRows::BenchRows(std::size_t n, unsigned bits)
    : matrix(n, std::vector<std::int32_t>(kColumns)) {
    Rng rng(n);
    for (auto& values : matrix) {
        for (std::int32_t& value : values) {
            value = static_cast<std::int32_t>(static_cast<std::uint32_t>(rng.next() >> 32U)) >>
                    (31U - bits);
        }
        owned.push_back(memory_source(std::span<const std::int32_t>(values)));
        pointers.push_back(values.data());
        sources.push_back(owned.back().get());
        rows.push_back({.values = owned.back().get()});
    }
}

const BenchRows& rows_of(std::size_t n) {
    static std::unique_ptr<BenchRows> kept;
    if (kept == nullptr || kept->matrix.size() != n) {
        kept.reset();
        kept = std::make_unique<BenchRows>(n);
    }
    return *kept;
}

std::int64_t bytes_of(std::size_t n) {
    return static_cast<std::int64_t>(n * kColumns * sizeof(std::int32_t));
}

}  // namespace fedstake::aggregation::bench
