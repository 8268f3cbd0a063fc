// Proof at start that a stranger is refused and an enrolled key is let in. Private to transport.
#pragma once

#include "proto/base/result.hpp"
#include "proto/transport/peer_directory.hpp"
#include "proto/transport/zmq_support.hpp"

namespace fedstake::transport {

// Binds `router` to a free loopback port for the time of the test, answers the ZAP requests of two
// probes on the calling thread, and leaves `directory` empty. RETURNS kInternal naming what went
// wrong: the server must not open its port then. Throws zmq::error_t.
[[nodiscard]] Status prove_strangers_are_refused(zmq::context_t& context, zmq::socket_t& router,
                                                 zmq::socket_t& zap, PeerDirectory& directory,
                                                 const CurvePublicKey& server_key);

}  // namespace fedstake::transport
