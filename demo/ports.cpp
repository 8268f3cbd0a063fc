// Finds or checks ports by binding them for a moment.
#include "demo/ports.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace fedstake::demo {

namespace {

// Bound socket of the moment; closed again by the destructor.
class BoundSocket {
public:
    explicit BoundSocket(std::uint16_t port)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int on = 1;
        ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return;
        socklen_t length = sizeof(address);
        if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return;
        port_ = ntohs(address.sin_port);
    }
    ~BoundSocket() { ::close(fd_); }
    BoundSocket(const BoundSocket&) = delete;
    BoundSocket& operator=(const BoundSocket&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }  // 0: in use

private:
    int fd_;
    std::uint16_t port_ = 0;
};

}  // namespace

Result<Ports> choose_ports(std::uint16_t base) {
    if (base > 65533) return fail(Errc::kInvalidInput, "--port-base must be at most 65533");
    const auto wanted = [base](int offset) {
        return base == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(base + offset);
    };
    // All three are held at once, so that the system cannot hand out one port twice.
    const BoundSocket chain(wanted(0));
    const BoundSocket federation(wanted(1));
    const BoundSocket http(wanted(2));
    const std::array<std::uint16_t, 3> found = {chain.port(), federation.port(), http.port()};
    for (int i = 0; i < 3; ++i) {
        if (found.at(static_cast<std::size_t>(i)) == 0) {
            return fail(Errc::kConflict,
                        "port " + std::to_string(wanted(i)) +
                            " on 127.0.0.1 is in use; choose another --port-base, or "
                            "leave it out to use free ports");
        }
    }
    return Ports{.chain = found[0], .federation = found[1], .http = found[2]};
}

}  // namespace fedstake::demo
