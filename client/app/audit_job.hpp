// One audit: what the coordinator claims about a round, the blobs it needs, and the recomputation.
#pragma once

#include <vector>

#include "client/app/state_store.hpp"
#include "client/session/verify.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::client {

class AuditJob {
public:
    // RETURNS kCorrupt or kLimitExceeded for requests whose parts cannot be decoded.
    [[nodiscard]] static Result<AuditJob> from(const wire::AttestRequest& request);
    [[nodiscard]] static Result<AuditJob> from(const wire::RoundRecord& record);

    [[nodiscard]] RoundNumber round() const noexcept { return claim_.commitment.round; }
    [[nodiscard]] std::uint32_t attempt() const noexcept { return claim_.commitment.attempt; }
    [[nodiscard]] const session::RoundClaim& claim() const noexcept { return claim_; }
    // Base model first, then each update; no duplicates.
    [[nodiscard]] std::vector<Digest> blobs() const;
    // REQUIRES every blob in the store.
    [[nodiscard]] Result<session::Verification> run(const rules::RoundRules& rules,
                                                    const crypto::Eip712Domain& domain,
                                                    const StateStore& store,
                                                    unsigned threads) const;

private:
    session::RoundClaim claim_;
};

}  // namespace fedstake::client
