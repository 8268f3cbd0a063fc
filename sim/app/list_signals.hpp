// fedstake-sim list signals: the detection signals, and what policies do with them.
#pragma once

#include <string>

namespace fedstake::sim {

// All of aggregation/detect, in the order of their numbers. Both end with a newline.
[[nodiscard]] std::string signals_text();
[[nodiscard]] std::string signals_json();

}  // namespace fedstake::sim
