// Checks the skeleton of a protobuf frame against its schema before anything is allocated for it.
// Private to wire.
#pragma once

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"

namespace google::protobuf {
class Descriptor;
}

namespace fedstake::wire {

// Fields in one frame, all levels together. The largest honest message is a RoundRecord with an
// update and a fault for each of 512 sites.
inline constexpr std::size_t kFieldsMax = 8192;
inline constexpr int kNestingMax = 5;

// Walks tags and lengths without copying. RETURNS kInvalidInput for a field that the schema does
// not have, a singular field given twice, another wire type than the schema's, a group, a length
// past the end, a number above 64 bits, or text that is not UTF-8 (about which protobuf would write
// to standard error, once per frame of a peer); kLimitExceeded above kFieldsMax or kNestingMax.
[[nodiscard]] Status scan_frame(const google::protobuf::Descriptor& type, ByteView bytes);

}  // namespace fedstake::wire
