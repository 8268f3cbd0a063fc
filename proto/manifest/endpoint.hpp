// Form of a transport endpoint: tcp://HOST:PORT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace fedstake::manifest {

struct Endpoint {
    std::string host;  // name, IPv4 address, or IPv6 address without its brackets
    std::uint16_t port = 0;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// Syntax only, nothing is resolved. RETURNS kInvalidInput saying what is wrong.
[[nodiscard]] Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace fedstake::manifest
