// One sequential pass over one update.
#include "aggregation/gate.hpp"

#include <algorithm>
#include <vector>

#include "aggregation/kernels/gram.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kPieceValues = std::size_t{1} << 16U;
constexpr std::uint32_t kNotANumberMagnitude = 1U << 31U;

// Calls visit(values) for consecutive pieces.
template <class Visit>
Status for_each_piece(const VectorSource& source, const Visit& visit) {
    std::vector<std::int32_t> piece(
        static_cast<std::size_t>(std::min<std::uint64_t>(source.size(), kPieceValues)));
    for (std::uint64_t first = 0; first < source.size(); first += kPieceValues) {
        const std::uint64_t count = std::min<std::uint64_t>(kPieceValues, source.size() - first);
        const std::span<std::int32_t> values(piece.data(), static_cast<std::size_t>(count));
        FS_TRY(source.read_int32(first, values));
        visit(std::span<const std::int32_t>(values));
    }
    return {};
}

ByteView bytes_of(std::span<const std::int32_t> values) {
    return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

void add_signs(std::span<const std::int32_t> values, detect::SignCounts& signs) {
    std::uint64_t positive = 0;
    std::uint64_t negative = 0;
    for (const std::int32_t value : values) {
        positive += value > 0 ? 1U : 0U;
        negative += value < 0 ? 1U : 0U;
    }
    signs.positive += positive;
    signs.negative += negative;
    signs.zero += values.size() - positive - negative;
}

Reason judge(const rules::RoundRules& rules, std::uint64_t size, std::uint32_t magnitude) {
    if (size != rules.coordinates) {
        return Reason::kWrongSize;
    }
    if (magnitude == kNotANumberMagnitude) {
        return Reason::kNotANumber;
    }
    if (magnitude > static_cast<std::uint32_t>(rules.aggregation.coordinate_max)) {
        return Reason::kOutOfRange;
    }
    return magnitude == 0 ? Reason::kAllZero : Reason::kNone;
}

}  // namespace

Result<detect::SignCounts> count_signs(const VectorSource& values) {
    detect::SignCounts signs;
    FS_TRY(for_each_piece(values,
                          [&](std::span<const std::int32_t> piece) { add_signs(piece, signs); }));
    return signs;
}

Result<Digest> content_root(const VectorSource& values) {
    crypto::ContentHasher hasher;
    FS_TRY(for_each_piece(
        values, [&](std::span<const std::int32_t> piece) { hasher.update(bytes_of(piece)); }));
    return std::move(hasher).finish().root;
}

Result<GateResult> inspect_update(const rules::RoundRules& rules, const VectorSource& values) {
    crypto::ContentHasher hasher;
    std::uint32_t magnitude = 0;
    detect::SignCounts signs;
    FS_TRY(for_each_piece(values, [&](std::span<const std::int32_t> piece) {
        hasher.update(bytes_of(piece));
        add_signs(piece, signs);
        magnitude = std::max(magnitude, kernels::largest_magnitude(piece.data(), piece.size()));
    }));
    return GateResult{.reason = judge(rules, values.size(), magnitude),
                      .root = std::move(hasher).finish().root,
                      .signs = signs};
}

Result<Reason> gate_update(const rules::RoundRules& rules, const VectorSource& values) {
    if (values.size() != rules.coordinates) {
        return Reason::kWrongSize;
    }
    std::uint32_t magnitude = 0;
    FS_TRY(for_each_piece(values, [&](std::span<const std::int32_t> piece) {
        magnitude = std::max(magnitude, kernels::largest_magnitude(piece.data(), piece.size()));
    }));
    return judge(rules, values.size(), magnitude);
}

std::string_view reason_name(Reason reason) noexcept {
    switch (reason) {
        case Reason::kNone: return "none";
        case Reason::kWrongSize: return "wrong-size";
        case Reason::kNotANumber: return "not-a-number";
        case Reason::kOutOfRange: return "out-of-range";
        case Reason::kAllZero: return "all-zero";
        case Reason::kCopy: return "copy";
        case Reason::kWrongBaseModel: return "wrong-base-model";
        case Reason::kAnomalous: return "anomalous";
        case Reason::kNotSelected: return "not-selected";
        case Reason::kEarlierCopy: return "earlier-copy";
        case Reason::kUnconfirmed: return "unconfirmed";
        case Reason::kSharesWeight: return "shares-weight";
    }
    return "unknown";
}

}  // namespace fedstake::aggregation
