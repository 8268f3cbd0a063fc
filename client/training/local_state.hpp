// The parameters that stay at a site, between its rounds and on its disk.
//
// A round must start from the state that the previous settled round left: keep the state per round,
// and train a retried attempt from the same one again.
#pragma once

#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace fedstake::training {

struct LocalState {
    std::vector<float> parameters;  // site-local parameters in layout order; empty: initial values
    friend bool operator==(const LocalState&, const LocalState&) = default;
};

// "fedstake/local-state/v1", u64 count, u32 float bits each, SHA-256 of all before it.
[[nodiscard]] Bytes encode(const LocalState& state);
// RETURNS kCorrupt for anything that encode() did not write.
[[nodiscard]] Result<LocalState> decode_local_state(ByteView bytes);

}  // namespace fedstake::training
