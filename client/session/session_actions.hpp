// Everything a session can ask of its host. Actions are performed in order; StoreSigned,
// StoreAttempts and StoreReceipt must be durable before the next action is begun.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "proto/rules/round_context.hpp"
#include "proto/rules/signed_update.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::session {

struct Send {
    wire::Message message;
};

// Have this blob in the local store (fetch it if need be), then BlobReady or BlobFailed.
struct EnsureBlob {
    Digest root;
};

// Train on context.base_model (it is in the store), then Trained or TrainingFailed.
struct Train {
    rules::RoundContext context;
};

// Keep what was signed, so that a restart sends the same bytes and never signs a second update.
struct StoreSigned {
    rules::SignedUpdate update;
};

// Keep that this round was sat out, so that the next start counts from it.
struct StoreSatOut {
    RoundNumber round = 0;
};

// The attempt numbers that this site has seen, over all rounds.
struct Attempts {
    std::uint32_t highest = 0;  // nothing above it was ever signed
    std::uint32_t floor = 0;    // since rounds last began again, nothing below it is signed
    friend bool operator==(const Attempts&, const Attempts&) = default;
};

// Keep them, for the next start.
struct StoreAttempts {
    Attempts attempts;
};

// Offer the stored update and send its chunks until the receipt or a refusal comes.
struct Upload {
    rules::SignedUpdate update;
};
struct StopUpload {};

// The coordinator's signed word, kept as evidence against a later omission.
struct StoreReceipt {
    wire::Receipt receipt;
};

// Recompute the round (fetch every update it names), then Audited with the same id. A later Audit
// replaces an earlier one.
struct Audit {
    std::uint64_t id = 0;
    wire::AttestRequest request;
};

// Try the model (it is in the store) on the site's own test rows, then Evaluated.
struct Evaluate {
    RoundNumber round = 0;
    Digest model;
};

enum class Level { kInfo, kWarn, kError };
struct Notify {
    Level level = Level::kInfo;
    std::string text;
};

// The session is over: the run is complete, or this site cannot take part.
struct Finish {
    bool success = true;
    std::string reason;
};

using Action = std::variant<Send, EnsureBlob, Train, StoreSigned, Upload, StopUpload, StoreReceipt,
                            StoreSatOut, StoreAttempts, Audit, Evaluate, Notify, Finish>;
using Actions = std::vector<Action>;

}  // namespace fedstake::session
