// Opens a matrix in any format that is read, told apart by its first bytes, never by its name.
#pragma once

#include <string>

#include "proto/base/result.hpp"
#include "sim/matrix/number_rows.hpp"

namespace fedstake::sim {

// path: a file, or "-" for standard input. JSON (json_rows.hpp), NumPy (npy.hpp) or safetensors
// (safetensors_rows.hpp). RETURNS the errors of open_bytes() and of the reader, with the path in
// front.
[[nodiscard]] Result<NumberRows> open_matrix(const std::string& path);

}  // namespace fedstake::sim
