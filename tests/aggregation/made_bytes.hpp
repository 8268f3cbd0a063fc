// The bytes that a sink receives, and the values in them.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "aggregation/update_rows.hpp"

namespace fedstake::aggregation::reference {

// Appends to `bytes`, which must outlive it.
inline ByteSink collect(Bytes& bytes) {
    return [&bytes](ByteView piece) -> Status {
        bytes.insert(bytes.end(), piece.begin(), piece.end());
        return {};
    };
}

inline std::vector<std::int32_t> to_values(const Bytes& bytes) {
    std::vector<std::int32_t> values(bytes.size() / sizeof(std::int32_t));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(std::int32_t));
    return values;
}

}  // namespace fedstake::aggregation::reference
