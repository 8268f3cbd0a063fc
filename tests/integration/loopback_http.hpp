// GET from a server on 127.0.0.1.
#pragma once

#include <cstdint>
#include <string>

namespace fedstake::testing {

// The body; empty when nobody answers.
[[nodiscard]] std::string http_get(std::uint16_t port, const std::string& path);

// Value of one line of a Prometheus page, labels included in the name; -1 where it is missing.
[[nodiscard]] double metric(std::uint16_t port, const std::string& name);

}  // namespace fedstake::testing
