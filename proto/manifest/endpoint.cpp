// Splits tcp://HOST:PORT and checks the parts.
#include "proto/manifest/endpoint.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace fedstake::manifest {

namespace {

constexpr std::string_view kScheme = "tcp://";
constexpr std::size_t kHostLengthMax = 253;  // RFC 1035 s.2.3.4

bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_host_name(std::string_view host) {
    if (host.empty() || host.size() > kHostLengthMax) return false;
    if (!is_alnum(host.front()) || !is_alnum(host.back())) return false;
    return std::all_of(host.begin(), host.end(),
                       [](char c) { return is_alnum(c) || c == '-' || c == '.'; });
}

bool is_ipv6(std::string_view host) {
    return host.find(':') != std::string_view::npos && host.size() <= 45 &&
           std::all_of(host.begin(), host.end(),
                       [](char c) { return is_hex(c) || c == ':' || c == '.'; });
}

Result<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
        return fail(Errc::kInvalidInput, fmt::format("port \"{}\" is not 1 to 65535", text));
    }
    return port;
}

Result<Endpoint> split(std::string_view text) {
    if (!text.starts_with(kScheme)) {
        return fail(Errc::kInvalidInput, "it does not start with tcp://");
    }
    text.remove_prefix(kScheme.size());
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || text.ends_with(']')) {
        return fail(Errc::kInvalidInput, "it has no port");
    }
    FS_ASSIGN(const std::uint16_t port, parse_port(text.substr(colon + 1)));
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (bracketed ? !is_ipv6(host) : !is_host_name(host)) {
        return fail(Errc::kInvalidInput,
                    fmt::format("host \"{}\" is not a host name, an IPv4 address or an IPv6 "
                                "address in []",
                                text.substr(0, colon)));
    }
    return Endpoint{.host = std::string(host), .port = port};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
    Result<Endpoint> endpoint = split(text);
    if (endpoint) return endpoint;
    return fail(Errc::kInvalidInput,
                fmt::format("\"{}\" is not tcp://HOST:PORT, e.g. \"tcp://127.0.0.1:7443\": {}",
                            text, endpoint.error().message));
}

}  // namespace fedstake::manifest
