// Messages to bytes and back (protobuf below), with every bound checked in both directions.
//
// One message is one transport frame of at most limits::kFrameBytesMax bytes. Protobuf is a
// container here: nothing is ever signed or hashed over its bytes.
#pragma once

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::wire {

// RETURNS kLimitExceeded, naming message and field, when decode() at the peer would refuse the
// result: a field above its bound or a frame above limits::kFrameBytesMax. kInvalidInput for values
// that have no encoding (a round above 2^64-1 cannot occur; a non-finite metric can).
[[nodiscard]] Result<Bytes> encode(const Message& message);

// Strict: anything that encode() could not have written is refused. Allocates at most a small
// multiple of frame.size(). RETURNS
//   kLimitExceeded  a frame, text, list or nesting above its bound,
//   kInvalidInput   not this protocol: bad protobuf, unknown message or field, wrong lengths,
//                   values out of range, text that is not UTF-8.
// Messages name the message and the field, and never echo the peer's bytes.
[[nodiscard]] Result<Message> decode(ByteView frame);

}  // namespace fedstake::wire
