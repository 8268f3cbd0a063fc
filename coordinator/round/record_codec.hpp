// Bytes of a finished round's record, as the store keeps it for audits, claims and reports.
#pragma once

#include "coordinator/round/actions.hpp"
#include "proto/base/bytes.hpp"

namespace fedstake::round {

[[nodiscard]] Bytes encode_record(const RecordResult& record);
// RETURNS kCorrupt for bytes that encode_record could not have written.
[[nodiscard]] Result<RecordResult> decode_record(ByteView bytes);

}  // namespace fedstake::round
