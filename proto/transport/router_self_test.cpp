// The start-up probes.
#include "proto/transport/router_self_test.hpp"

#include <array>

#include "proto/transport/router_io.hpp"

namespace fedstake::transport {

namespace {

constexpr std::chrono::milliseconds kProbeTimeout{3'000};
constexpr int kHandshakeEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                 ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;

enum class Probe { kAccepted, kRefused, kFailed, kNoAnswer };

// A client end that sends one byte, and the monitor that says how its handshake went.
struct ProbeSocket {
    ProbeSocket(zmq::context_t& context, const std::string& endpoint, const CurveKeyPair& keys,
                const CurvePublicKey& server_key, const std::string& name)
        : dealer(context, zmq::socket_type::dealer) {
        dealer.set(zmq::sockopt::linger, 0);
        dealer.set(zmq::sockopt::reconnect_ivl, -1);
        set_curve_client(dealer, keys.secret_key, server_key);
        monitor = open_monitor(context, dealer, name, kHandshakeEvents);
        dealer.connect(endpoint);
        dealer.send(zmq::str_buffer("?"), zmq::send_flags::dontwait);
    }
    ~ProbeSocket() { close_monitored(dealer, monitor); }
    ProbeSocket(const ProbeSocket&) = delete;
    ProbeSocket& operator=(const ProbeSocket&) = delete;

    zmq::socket_t dealer;
    zmq::socket_t monitor;
};

Probe run_probe(ProbeSocket& probe, zmq::socket_t& zap, PeerDirectory& directory) {
    const auto deadline = steady_now() + kProbeTimeout;
    for (auto now = steady_now(); now < deadline; now = steady_now()) {
        std::array<zmq::pollitem_t, 2> items = {
            {{zap.handle(), 0, ZMQ_POLLIN, 0}, {probe.monitor.handle(), 0, ZMQ_POLLIN, 0}}};
        poll_items(items, deadline - now);
        while (answer_zap(zap, directory)) {
        }
        if (const auto event = read_monitor(probe.monitor)) {
            switch (event->event) {
                case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return Probe::kAccepted;
                case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return Probe::kRefused;
                default: return Probe::kFailed;
            }
        }
    }
    return Probe::kNoAnswer;
}

// The message of the enrolled probe must arrive under its site's tag.
bool probe_message_arrives(zmq::socket_t& router, const PeerDirectory& directory,
                           const SiteId& site) {
    std::array<zmq::pollitem_t, 1> items = {{{router.handle(), 0, ZMQ_POLLIN, 0}}};
    poll_items(items, kProbeTimeout);
    const auto message = read_router(router, directory);
    return message && message->outcome == ReadOutcome::kMessage && message->peer.site == site;
}

}  // namespace

Status prove_strangers_are_refused(zmq::context_t& context, zmq::socket_t& router,
                                   zmq::socket_t& zap, PeerDirectory& directory,
                                   const CurvePublicKey& server_key) {
    router.bind("tcp://127.0.0.1:*");
    const std::string endpoint = router.get(zmq::sockopt::last_endpoint);
    const CurveKeyPair enrolled = generate_curve_keys();
    SiteId site;
    site.bytes.fill(0xEE);
    directory.replace({{enrolled.public_key, site}});

    ProbeSocket stranger(context, endpoint, generate_curve_keys(), server_key, "stranger");
    const Probe stranger_result = run_probe(stranger, zap, directory);
    ProbeSocket member(context, endpoint, enrolled, server_key, "member");
    const Probe member_result = run_probe(member, zap, directory);
    const bool arrived =
        member_result == Probe::kAccepted && probe_message_arrives(router, directory, site);
    directory.replace({});
    router.unbind(endpoint);

    if (stranger_result == Probe::kAccepted) {
        return fail(Errc::kInternal,
                    "self-test: libzmq let a key in that is not enrolled; the port stays closed");
    }
    if (stranger_result != Probe::kRefused) {
        return fail(Errc::kInternal,
                    "self-test: a key that is not enrolled got no refusal; the port stays closed");
    }
    if (!arrived) {
        return fail(Errc::kInternal,
                    "self-test: an enrolled key could not deliver a message; the port stays "
                    "closed");
    }
    return {};
}

}  // namespace fedstake::transport
