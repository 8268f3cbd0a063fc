// Messages to bytes and back (protobuf below), with every bound checked in both directions.
//
// One message is one transport frame of at most limits::kFrameBytesMax bytes. Protobuf is a
// container here: nothing is ever signed or hashed over its bytes.
#pragma once

#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::wire {

// RETURNS kLimitExceeded, naming message and field, when decode() at the peer would refuse the
// result: a field above its bound or a frame above limits::kFrameBytesMax. kInvalidInput for values
// that have no encoding (a loss that is not finite, sites out of order, control characters).
[[nodiscard]] Result<Bytes> encode(const Message& message);

// Strict: unknown or repeated fields, absent fixed-size values and anything out of bounds are
// refused before memory is spent on them. RETURNS
//   kLimitExceeded  a frame, text, list or nesting above its bound,
//   kInvalidInput   not this protocol: bad protobuf, unknown message or field, wrong lengths,
//                   values out of range, text that is not UTF-8.
// Messages name the message and the field, and never echo the peer's bytes.
[[nodiscard]] Result<Message> decode(ByteView frame);

// Makes any text fit a text field: bytes that are not UTF-8 and control characters become '?', and
// it ends after at most bytes_max bytes, never inside a character.
[[nodiscard]] std::string printable(std::string_view text, std::size_t bytes_max = kReasonBytesMax);

}  // namespace fedstake::wire
