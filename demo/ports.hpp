// TCP ports on the loopback interface.
#pragma once

#include <cstdint>

#include "proto/base/result.hpp"

namespace fedstake::demo {

struct Ports {
    std::uint16_t chain = 0;       // JSON-RPC of the chain node
    std::uint16_t federation = 0;  // the coordinator's ZeroMQ port
    std::uint16_t http = 0;        // the coordinator's health and metrics page
};

// base > 0: base, base + 1, base + 2, each of which must be free (kConflict names the one in use).
// base == 0: three free ports chosen by the system.
[[nodiscard]] Result<Ports> choose_ports(std::uint16_t base);

}  // namespace fedstake::demo
