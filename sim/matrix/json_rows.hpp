// Rows out of JSON text: a list of lists of numbers, or an object that has such a list under the
// key "input". Other keys of the object are passed over.
//
// The text is read once from front to back; the numbers are kept as doubles in a spool, so neither
// has to fit in memory. A number becomes the nearest double.
#pragma once

#include <memory>

#include "proto/base/result.hpp"
#include "sim/matrix/byte_store.hpp"
#include "sim/matrix/number_rows.hpp"

namespace fedstake::sim {

// RETURNS kInvalidInput naming row and column (from 0) of a value that is no finite number, of a
// row that has another length than the first one, or the line where the text is not JSON.
[[nodiscard]] Result<NumberRows> read_json_rows(const ByteStore& text);

}  // namespace fedstake::sim
