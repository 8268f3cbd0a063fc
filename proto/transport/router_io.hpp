// The server's sockets one step at a time: ZAP requests, incoming and outgoing messages. Private to
// transport; runs on the thread that owns the sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "proto/transport/peer_directory.hpp"
#include "proto/transport/zmq_support.hpp"

namespace fedstake::transport {

inline constexpr const char* kZapEndpoint = "inproc://zeromq.zap.01";
inline constexpr const char* kZapDomain = "fedstake";

// A ROUTER that accepts CURVE only, asks the ZAP handler of its context about every handshake, and
// refuses everybody when there is no handler. Throws zmq::error_t.
[[nodiscard]] zmq::socket_t open_router(zmq::context_t& context, const CurveSecretKey& secret,
                                        const SocketBounds& bounds);

// Binds the ZAP handler's socket; before open_router's socket binds. Throws zmq::error_t.
[[nodiscard]] zmq::socket_t open_zap(zmq::context_t& context);

// One answered ZAP request.
struct ZapDecision {
    bool malformed = false;  // not CURVE, or not a ZAP request
    Admission admission = Admission::kNotEnrolled;
    CurvePublicKey key;
    std::string address;
};
// Answers one waiting request; nothing when none waits.
[[nodiscard]] std::optional<ZapDecision> answer_zap(zmq::socket_t& zap, PeerDirectory& directory);

enum class ReadOutcome : std::uint8_t { kMessage, kUnverified, kBadShape };
struct ReadResult {
    ReadOutcome outcome = ReadOutcome::kBadShape;
    PeerId peer;          // when kMessage
    zmq::message_t body;  // when kMessage
};
// Takes one waiting message; nothing when none waits.
[[nodiscard]] std::optional<ReadResult> read_router(zmq::socket_t& router,
                                                    const PeerDirectory& directory);

enum class SendOutcome : std::uint8_t { kSent, kFull, kGone };
// Sends without waiting. kSent leaves body empty; otherwise it is unchanged.
[[nodiscard]] SendOutcome send_router(zmq::socket_t& router, std::uint32_t connection,
                                      zmq::message_t& body);

}  // namespace fedstake::transport
