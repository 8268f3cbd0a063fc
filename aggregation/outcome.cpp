// Commitment and accusations.
#include "aggregation/outcome.hpp"

#include "proto/crypto/sha256.hpp"

namespace fedstake::aggregation {
namespace {

Digest root_of(const RoundInput& input, std::span<const AdmittedUpdate> admitted) {
    std::vector<rules::SignedUpdate> updates;
    for (const AdmittedUpdate& entry : admitted) {
        updates.push_back(entry.update->signed_update);
    }
    return rules::updates_root(input.domain, updates);
}

}  // namespace

Digest round_seed(const RoundInput& input, std::span<const AdmittedUpdate> admitted) {
    ByteWriter writer;
    writer.raw(input.context->digest().view()).raw(root_of(input, admitted).view());
    return crypto::sha256(writer.take());
}

crypto::RoundCommitment commit(const RoundInput& input, std::span<const AdmittedUpdate> admitted,
                               const RoundReport& report, const rules::Settlement& settlement) {
    const rules::RoundContext& context = *input.context;
    return {.federation = context.federation,
            .round = context.round,
            .attempt = context.attempt,
            .sites = static_cast<std::uint32_t>(admitted.size()),
            .coordinates = input.rules->coordinates,
            .reward_total = settlement.reward_total,
            .score_sum = settlement.score_sum,
            .context_digest = context.digest(),
            .parent_model = context.base_model,
            .model = report.model,
            .updates_root = root_of(input, admitted),
            .aggregate_root = report.aggregate_root,
            .report_digest = report.digest(),
            .scores_root = settlement.scores_root,
            .rewards_root = settlement.rewards_root};
}

std::vector<crypto::AttestedFault> accuse(const rules::RoundContext& context,
                                          const rules::Settlement& settlement,
                                          const crypto::RoundCommitment& commitment) {
    std::vector<crypto::AttestedFault> faults;
    for (const rules::SiteSettlement& site : settlement.sites) {
        if (site.accused) {
            faults.push_back({.federation = context.federation,
                              .round = context.round,
                              .site = site.site,
                              .kind = crypto::FaultKind::kPoisoning,
                              .bps = site.accused_bps,
                              .evidence_root = commitment.struct_hash(),
                              .deadline = 0});
        }
    }
    return faults;
}

}  // namespace fedstake::aggregation
