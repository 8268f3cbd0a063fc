// ZAP (RFC 27) and ROUTER framing.
#include "proto/transport/router_io.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace fedstake::transport {

namespace {

// The symbol is in libzmq's draft section; the option is in every released library since 4.3.0.
constexpr int kZapEnforceDomain = 93;
constexpr std::size_t kZapFrames = 7;
constexpr std::size_t kRoutingIdBytes = 5;

// All parts of one message; parts past `most` are read and thrown away (their count still tells).
struct Parts {
    std::vector<zmq::message_t> kept;
    std::size_t count = 0;
};

std::optional<Parts> read_parts(zmq::socket_t& socket, std::size_t most) {
    Parts parts;
    for (bool more = true; more;) {
        zmq::message_t part;
        if (!socket.recv(part, zmq::recv_flags::dontwait)) {
            return std::nullopt;  // only before the first part: libzmq delivers whole messages
        }
        more = part.more();
        ++parts.count;
        if (parts.kept.size() < most) {
            parts.kept.push_back(std::move(part));
        }
    }
    return parts;
}

void reply_zap(zmq::socket_t& zap, zmq::message_t& request_id, std::string_view status,
               std::string_view text, std::string_view user_id) {
    const auto part = [&](std::string_view bytes, zmq::send_flags flags) {
        zap.send(zmq::buffer(bytes), flags);
    };
    part("1.0", zmq::send_flags::sndmore);
    zap.send(request_id, zmq::send_flags::sndmore);
    part(status, zmq::send_flags::sndmore);
    part(text, zmq::send_flags::sndmore);
    part(user_id, zmq::send_flags::sndmore);
    part("", zmq::send_flags::none);
}

// Routing ids that ROUTER makes are a zero byte and a big-endian number. One that a peer chose for
// itself (ZMQ_ROUTING_ID) may not start with zero and is not accepted.
std::optional<std::uint32_t> connection_of(const zmq::message_t& routing_id) {
    const auto* bytes = routing_id.data<std::uint8_t>();
    if (routing_id.size() != kRoutingIdBytes || bytes[0] != 0) {
        return std::nullopt;
    }
    std::uint32_t connection = 0;
    for (std::size_t i = 1; i < kRoutingIdBytes; ++i) {
        connection = connection << 8U | bytes[i];
    }
    return connection;
}

}  // namespace

zmq::socket_t open_router(zmq::context_t& context, const CurveSecretKey& secret,
                          const SocketBounds& bounds) {
    zmq::socket_t router(context, zmq::socket_type::router);
    set_bounds(router, bounds);
    set_curve_server(router, secret);
    router.set(zmq::sockopt::zap_domain, kZapDomain);
    const int enforce = 1;
    if (zmq_setsockopt(router.handle(), kZapEnforceDomain, &enforce, sizeof enforce) != 0) {
        throw zmq::error_t();
    }
    router.set(zmq::sockopt::router_mandatory, true);
    router.set(zmq::sockopt::router_handover, false);
    router.set(zmq::sockopt::backlog, 256);
    return router;
}

zmq::socket_t open_zap(zmq::context_t& context) {
    zmq::socket_t zap(context, zmq::socket_type::rep);
    zap.set(zmq::sockopt::linger, 0);
    zap.bind(kZapEndpoint);
    return zap;
}

std::optional<ZapDecision> answer_zap(zmq::socket_t& zap, PeerDirectory& directory) {
    auto request = read_parts(zap, kZapFrames);
    if (!request) {
        return std::nullopt;
    }
    ZapDecision decision;
    auto& parts = request->kept;
    zmq::message_t no_id;
    zmq::message_t& request_id = parts.size() > 1 ? parts[1] : no_id;
    const bool is_curve = request->count == kZapFrames && parts[0].to_string_view() == "1.0" &&
                          parts[2].to_string_view() == kZapDomain &&
                          parts[5].to_string_view() == "CURVE" &&
                          parts[6].size() == CurvePublicKey::kSize;
    if (!is_curve) {
        decision.malformed = true;
        reply_zap(zap, request_id, "400", "CURVE only", "");
        return decision;
    }
    decision.address = parts[3].to_string();
    const auto* key = parts[6].data<std::uint8_t>();
    std::copy_n(key, CurvePublicKey::kSize, decision.key.bytes.begin());
    const AdmissionResult result = directory.admit(decision.key, steady_now());
    decision.admission = result.admission;
    if (result.admission == Admission::kAccepted) {
        reply_zap(zap, request_id, "200", "OK", result.user_id);
    } else {
        reply_zap(zap, request_id, "400", admission_name(result.admission), "");
    }
    return decision;
}

std::optional<ReadResult> read_router(zmq::socket_t& router, const PeerDirectory& directory) {
    auto message = read_parts(router, 2);
    if (!message) {
        return std::nullopt;
    }
    ReadResult result;
    if (message->count != 2 || message->kept[1].size() == 0) {
        return result;
    }
    const auto connection = connection_of(message->kept[0]);
    if (!connection) {
        return result;
    }
    zmq::message_t& body = message->kept[1];
    const char* user_id = zmq_msg_gets(body.handle(), "User-Id");
    const auto site = user_id != nullptr ? directory.verify(user_id) : std::nullopt;
    if (!site) {
        result.outcome = ReadOutcome::kUnverified;
        return result;
    }
    result.outcome = ReadOutcome::kMessage;
    result.peer = {*site, *connection};
    result.body = std::move(body);
    return result;
}

SendOutcome send_router(zmq::socket_t& router, std::uint32_t connection, zmq::message_t& body) {
    std::array<std::uint8_t, kRoutingIdBytes> id{};
    for (std::size_t i = 1; i < kRoutingIdBytes; ++i) {
        id[i] = static_cast<std::uint8_t>(connection >> (8U * (kRoutingIdBytes - 1 - i)));
    }
    try {
        const auto flags = zmq::send_flags::dontwait | zmq::send_flags::sndmore;
        if (!router.send(zmq::buffer(id), flags)) {
            return SendOutcome::kFull;
        }
        (void)router.send(body, zmq::send_flags::dontwait);
        return SendOutcome::kSent;
    } catch (const zmq::error_t& error) {
        if (error.num() == EHOSTUNREACH) {
            return SendOutcome::kGone;
        }
        throw;
    }
}

}  // namespace fedstake::transport
