// Journal bytes of events: u8 format version, u8 kind, then the fields (proto/base ByteWriter).
#pragma once

#include "coordinator/round/events.hpp"
#include "proto/base/bytes.hpp"

namespace fedstake::round {

inline constexpr std::uint8_t kEventFormat = 1;

[[nodiscard]] Bytes encode_event(const Event& event);

// RETURNS kCorrupt for bytes that encode_event could not have written, kConflict for a format of a
// later release.
[[nodiscard]] Result<Event> decode_event(ByteView bytes);

// Stable name of an event's kind, for logs: "update-stored".
[[nodiscard]] std::string_view event_name(const Event& event) noexcept;

}  // namespace fedstake::round
