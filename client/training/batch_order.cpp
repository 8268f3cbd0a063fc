// Shuffled passes over a site's rows.
#include "client/training/batch_order.hpp"

#include <numeric>

#include "proto/base/check.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::training {

std::uint64_t batch_seed(std::uint64_t seed, const SiteId& site, RoundNumber round,
                         std::uint32_t attempt) {
    ByteWriter writer;
    writer.raw(as_bytes("fedstake/batches/v1")).u64(seed).raw(site.view()).u64(round);
    if (attempt > 0) writer.u32(attempt);
    const Digest digest = crypto::sha256(writer.bytes());
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8U | digest.bytes[i];
    return value;
}

BatchOrder::BatchOrder(std::size_t rows, std::uint64_t seed) : order_(rows), rng_(seed) {
    FS_CHECK(rows > 0);
    std::iota(order_.begin(), order_.end(), std::int64_t{0});
    rng_.shuffle(std::span(order_));
}

void BatchOrder::next(std::span<std::int64_t> batch) {
    for (auto& row : batch) {
        if (position_ == order_.size()) {
            rng_.shuffle(std::span(order_));
            position_ = 0;
        }
        row = order_[position_++];
    }
}

}  // namespace fedstake::training
