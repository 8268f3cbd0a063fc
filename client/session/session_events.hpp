// Everything that can happen to a site's session. Plain data; the host makes them.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::session {

// The transport has a connection; the coordinator does not know yet that it is us.
struct LinkUp {};
struct LinkDown {};

// A message of the coordinator, decoded. Chunk messages go to the host's transfers, not here.
struct Received {
    wire::Message message;
};

// The blob that an EnsureBlob asked for is in the local store, checked against its root.
struct BlobReady {
    Digest root;
};
struct BlobFailed {
    Digest root;
    std::string reason;
};

// Local training ended; the update is in the local store under update_root.
struct Trained {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    Digest update_root;
    std::uint64_t coordinates = 0;
    Bytes details;  // salted; its SHA-256 goes into the statement
};
struct TrainingFailed {
    RoundNumber round = 0;
    std::uint32_t attempt = 0;
    std::string reason;
};

// The recomputation that Audit asked for ended: it agrees (reason empty) or says what differs.
struct Audited {
    std::uint64_t id = 0;  // of the Audit: only what was recomputed is signed
    bool agrees = false;
    std::string reason;
};

// The model of a round was tried on the site's own test rows.
struct Evaluated {
    wire::SiteMetrics metrics;
};

using Event = std::variant<LinkUp, LinkDown, Received, BlobReady, BlobFailed, Trained,
                           TrainingFailed, Audited, Evaluated>;

}  // namespace fedstake::session
