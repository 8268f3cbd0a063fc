// Statements of the small federation.
#include "tests/contracts/cpp/memory_world.hpp"

#include <algorithm>
#include <stdexcept>

#include "contracts/cpp/ruling.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"

namespace fedstake::testing {

namespace {

constexpr std::size_t kPeople = 3;

void must(const Status& status) {
    if (!status) throw std::runtime_error(status.error().message);
}

}  // namespace

Digest label(const std::string& text) {
    return crypto::keccak256(as_bytes(text));
}

Address label_address(const std::string& text) {
    Address address;
    const Digest hash = label(text);
    std::copy_n(hash.bytes.begin(), 20, address.bytes.begin());
    return address;
}

std::string refusal(const Status& status) {
    return status ? "accepted" : std::string(chain::refusal_name(status.error()));
}

MemoryWorld::MemoryWorld() {
    chain::MemoryChainOptions options;
    options.federation = label("federation");
    options.domain = {1337, label_address("round manager")};
    options.coordinator = coordinator();
    options.council = council();
    options.governor = governor();
    options.appeal_bond = options.dispute_bond = options.demand_bond = 1'001;
    options.slash_pool = label_address("slash pool");
    options.threshold = 2;
    for (std::size_t i = 0; i < kPeople; ++i) {
        signers_.push_back(
            *crypto::SigningKey::from_secret(label("key " + std::to_string(i)).bytes));
        options.auditors.push_back(signers_.back().address());
    }
    chain = std::make_shared<chain::MemoryChain>(options);
    must(chain->token().mint(council(), 1'000'000));
    must(chain->fund(council(), 1'000'000));
    for (std::size_t i = 0; i < kPeople; ++i) {
        must(chain->token().mint(site(i), 100'000));
        must(chain->vault().set_signer(site(i), signers_[i].address()));
    }
}

std::vector<chain::AuditorSignature> MemoryWorld::audit(const Digest& struct_hash) const {
    const Digest digest = crypto::typed_data_digest(domain(), struct_hash);
    return {{0, signers_[0].sign(digest)}, {2, signers_[2].sign(digest)}};
}

std::vector<chain::AuditorSignature> MemoryWorld::appeal_ruling(const Digest& case_id, bool upheld,
                                                                std::size_t auditor) const {
    const Digest digest = chain::appeal_ruling_digest(domain(), case_id, upheld);
    return {{static_cast<std::uint8_t>(auditor), signers_[auditor].sign(digest)}};
}

std::vector<chain::AuditorSignature> MemoryWorld::dispute_ruling(const crypto::RoundCommitment& c,
                                                                 bool upheld,
                                                                 std::size_t auditor) const {
    const Digest digest = chain::dispute_ruling_digest(
        domain(), c.struct_hash(), chain->disputes().challenges_of(c.round), upheld);
    return {{static_cast<std::uint8_t>(auditor), signers_[auditor].sign(digest)}};
}

chain::CommitRound MemoryWorld::commitment(RoundNumber round, Amount reward_total) const {
    const std::string suffix = " " + std::to_string(round);
    crypto::RoundCommitment c;
    c.federation = chain->options().federation;
    c.round = round;
    c.sites = kPeople;
    c.coordinates = 13;
    c.reward_total = reward_total;
    c.context_digest = label("context" + suffix);
    c.parent_model = label("model " + std::to_string(round - 1));
    c.model = label("model" + suffix);
    c.updates_root = c.aggregate_root = c.report_digest = label("results" + suffix);
    c.scores_root = c.rewards_root = label("scores" + suffix);
    return {c, audit(c.struct_hash())};
}

Status MemoryWorld::commit(RoundNumber round, Amount reward_total) {
    return chain->commit_round(coordinator(), commitment(round, reward_total));
}

Status MemoryWorld::commit_with(const chain::ClaimReward& reward) {
    return chain->commit_round(coordinator(),
                               {reward.commitment, audit(reward.commitment.struct_hash())});
}

chain::Accuse MemoryWorld::accusation(RoundNumber round, const Address& accused,
                                      std::uint16_t bps) const {
    crypto::AttestedFault fault;
    fault.federation = chain->options().federation;
    fault.round = round;
    fault.site = accused;
    fault.bps = bps;
    fault.evidence_root =
        chain->committed(round).value_or(commitment(round, 0).commitment.struct_hash());
    fault.deadline = chain->options().start_time + 200 * 86'400;
    return {fault, audit(fault.struct_hash())};
}

chain::ClaimReward MemoryWorld::reward(RoundNumber round, const std::vector<Amount>& cumulative,
                                       std::size_t claimant) const {
    std::vector<Digest> leaves;
    Amount total = 0;
    for (std::size_t i = 0; i < cumulative.size(); ++i) {
        total += cumulative[i];
        leaves.push_back(crypto::LeafHasher(crypto::LeafTag::kReward)
                             .number(i)
                             .address(site(i))
                             .amount(cumulative[i])
                             .word(label("salt"))
                             .finish());
    }
    chain::ClaimReward made;
    made.commitment = commitment(round, total).commitment;
    made.commitment.rewards_root = crypto::keccak_root(leaves);
    made.claim.leaf_count = leaves.size();
    made.claim.index = claimant;
    made.claim.site = site(claimant);
    made.claim.cumulative = cumulative[claimant];
    made.claim.salt = label("salt");
    made.claim.proof = *crypto::keccak_proof(leaves, claimant);
    return made;
}

chain::ProveEquivocation MemoryWorld::equivocation(std::size_t index) const {
    crypto::UpdateStatement a;
    a.federation = chain->options().federation;
    a.round = 1;
    a.site = site(index);
    a.base_model = label("model 0");
    a.update_root = label("one update");
    a.coordinates = 13;
    crypto::UpdateStatement b = a;
    b.update_root = label("another update");
    return {a, crypto::sign_statement(domain(), a, signers_[index]), b,
            crypto::sign_statement(domain(), b, signers_[index])};
}

chain::PublishModel MemoryWorld::release(RoundNumber round) const {
    chain::PublishModel made;
    made.commitment = commitment(round, 0).commitment;
    made.model_id = label("heart");
    made.version = 1;
    made.weights_sha256 = label("weights");
    made.weights_bytes = 52;
    return made;
}

}  // namespace fedstake::testing
