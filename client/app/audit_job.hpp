// One audit: what the coordinator claims about a round, the blobs it needs, and the recomputation.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "client/app/state_store.hpp"
#include "client/session/verify.hpp"
#include "client/session/verify_context.hpp"
#include "proto/manifest/manifest.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::client {

// Signatures over the record's commitment by different auditors of the manifest.
[[nodiscard]] std::uint32_t valid_signatures(const manifest::Manifest& manifest,
                                             const wire::RoundRecord& record);

class AuditJob {
public:
    // RETURNS kCorrupt or kLimitExceeded for requests whose parts cannot be decoded, kCorrupt where
    // context or commitment are of another round or attempt than the request or record says.
    [[nodiscard]] static Result<AuditJob> from(const wire::AttestRequest& request);
    [[nodiscard]] static Result<AuditJob> from(const wire::RoundRecord& record);

    // A round that was posted, from its parts; `previous` is needed for every round but the first.
    [[nodiscard]] static AuditJob posted(session::RoundClaim claim,
                                         std::optional<session::PreviousRound> previous);

    // The record of the round before: needed for every round but the first. RETURNS kCorrupt for
    // the record of another round.
    [[nodiscard]] Status set_previous(const wire::RoundRecord& record,
                                      const manifest::Manifest& manifest);
    [[nodiscard]] bool needs_previous() const noexcept {
        return claim_.context.round > 1 && !previous_;
    }

    [[nodiscard]] RoundNumber round() const noexcept { return claim_.commitment.round; }
    [[nodiscard]] std::uint32_t attempt() const noexcept { return claim_.commitment.attempt; }
    [[nodiscard]] const session::RoundClaim& claim() const noexcept { return claim_; }
    // Base model first, then each update; no duplicates.
    [[nodiscard]] std::vector<Digest> blobs() const;
    // What is needed besides and not in the store: first the state that the round starts from, once
    // that is there the vectors of earlier rounds that it names. Nothing where the context does not
    // follow from the round before: run() says so without them. REQUIRES !needs_previous(). RETURNS
    // kCorrupt for a state that cannot be read.
    [[nodiscard]] Result<std::vector<Digest>> more_blobs(const manifest::Manifest& manifest,
                                                         const StateStore& store) const;
    // Where it is not the size of a model: of the state.
    [[nodiscard]] std::optional<std::uint64_t> bytes_max(const Digest& blob) const noexcept;
    // Context first, then the recomputation, unless a figure of the context differs. REQUIRES every
    // blob in the store. RETURNS kUnavailable soon after `stop` became true.
    [[nodiscard]] Result<session::Verification> run(const manifest::Manifest& manifest,
                                                    const StateStore& store, unsigned threads,
                                                    const std::atomic<bool>* stop = nullptr) const;

private:
    session::RoundClaim claim_;
    std::optional<session::PreviousRound> previous_;
    session::Roster roster_ = session::Roster::kOfToday;
};

}  // namespace fedstake::client
