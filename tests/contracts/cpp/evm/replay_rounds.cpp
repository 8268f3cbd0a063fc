// Scripts: commitments, voids, claims, the fund, pauses, epochs.
#include <algorithm>

#include "proto/crypto/keccak_tree.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/contracts/cpp/evm/replay_script.hpp"

namespace fedstake::testing {

using evm::AbiValue;

namespace {

const Digest kSalt = replay_label("salt");

Digest hash_of(std::size_t index, const ReplayUpdate& update) {
    return crypto::LeafHasher(crypto::LeafTag::kUpdate)
        .number(index)
        .address(update.site)
        .word(update.update_root)
        .word(update.statement)
        .word(kSalt)
        .finish();
}

}  // namespace

void ReplayScript::rounds() {
    choose({{14, &ReplayScript::commit},
            {2, &ReplayScript::commit_again},
            {2, &ReplayScript::void_round},
            {7, &ReplayScript::claim},
            {2, &ReplayScript::fund},
            {1, &ReplayScript::pause},
            {2, &ReplayScript::open_epoch}});
}

// The round after the head, as the model would take it.
ReplayRound ReplayScript::next_round() {
    ReplayRound round;
    crypto::RoundCommitment& c = round.commitment;
    const std::string name = std::to_string(++serial_);
    c.federation = model_->rounds().federation();
    c.round = model_->head() + 1;
    c.attempt = static_cast<std::uint32_t>(rng_.below(3));
    c.sites = 1;
    c.coordinates = 13;
    c.score_sum = serial_;
    round.cumulative.assign(people_.owners.size(), 0);
    c.parent_model = replay_label("genesis");
    for (const ReplayRound& earlier : rounds_) {
        if (model_->committed(model_->head()) != earlier.commitment.struct_hash()) continue;
        c.parent_model = earlier.commitment.model;
        round.cumulative = earlier.cumulative;
    }
    for (std::size_t i = 0; i < round.cumulative.size(); ++i) {
        round.cumulative[i] += rng_.below(2'000);
        c.reward_total += round.cumulative[i];
        round.rewards.push_back(crypto::LeafHasher(crypto::LeafTag::kReward)
                                    .number(i)
                                    .address(people_.owners[i])
                                    .amount(round.cumulative[i])
                                    .word(kSalt)
                                    .finish());
    }
    const std::string report = "no report " + name;
    const std::string context = "no context " + name;
    round.report.assign(report.begin(), report.end());
    round.context.assign(context.begin(), context.end());
    round.foreign = {.federation = c.federation,
                     .round = c.round + 1,
                     .attempt = c.attempt,
                     .site = people_.owners[0],
                     .base_model = c.parent_model,
                     .update_root = replay_label("update " + name),
                     .coordinates = 13,
                     .details_digest = {}};
    c.report_digest = crypto::sha256(round.report);
    c.context_digest = crypto::sha256(round.context);
    c.model = replay_label("model " + name);
    c.aggregate_root = c.scores_root = replay_label("results " + name);
    c.rewards_root = crypto::keccak_root(round.rewards);
    round.updates = {{people_.owners[0], round.foreign.update_root,
                      crypto::signing_digest(model_->rounds().domain(), round.foreign)}};
    for (std::size_t i = 1; i <= serial_ % 4; ++i) {
        round.updates.push_back(
            {people_.owners[i], replay_label("another update " + name), replay_label("statement")});
    }
    c.updates_root = crypto::keccak_root(hashes_of(round.updates));
    return round;
}

std::vector<Digest> hashes_of(const std::vector<ReplayUpdate>& updates) {
    std::vector<Digest> hashes;
    for (const ReplayUpdate& update : updates) hashes.push_back(hash_of(hashes.size(), update));
    return hashes;
}

std::vector<AbiValue> abi_of(const std::vector<ReplayUpdate>& updates) {
    std::vector<AbiValue> leaves;
    for (const ReplayUpdate& update : updates) {
        leaves.push_back(
            AbiValue::list({AbiValue::address(update.site), AbiValue::word(update.update_root),
                            AbiValue::word(update.statement), AbiValue::word(kSalt)}));
    }
    return leaves;
}

void ReplayScript::submit(const ReplayRound& round, const Address& caller) {
    const crypto::RoundCommitment& c = round.commitment;
    const chain::CommitRound call{c, quorum(c.struct_hash())};
    const Status model = model_->commit_round(caller, call);
    in_rounds(caller, "commitRound", {evm::abi_of(c), bytes_of(call.signatures)}, model);
    if (!model) return;
    rounds_.push_back(round);
    subjects_.commitments[c.struct_hash()] = c.round;
}

void ReplayScript::commit() {
    ReplayRound round = next_round();
    if (one_in(6)) spoil(round.commitment);
    submit(round, mostly(model_->rounds().terms().coordinator));
}

void ReplayScript::spoil(crypto::RoundCommitment& c) {
    const std::array<Digest*, 8> words{&c.context_digest, &c.parent_model,   &c.model,
                                       &c.updates_root,   &c.aggregate_root, &c.report_digest,
                                       &c.scores_root,    &c.rewards_root};
    switch (rng_.below(9)) {
        case 0: c.federation = replay_label("another federation"); break;
        case 1: c.round = rng_.below(c.round + 3); break;
        case 2: c.parent_model = replay_label("another model"); break;
        case 3: c.reward_total = rng_.below(2'000); break;
        case 4: c.reward_total = model_->funded() + rng_.below(2); break;
        case 5: c.sites = 0; break;
        case 6: c.coordinates = 0; break;
        // Auditors who lie about the sum: the leaves add up to more.
        case 7: c.reward_total = c.reward_total * 9 / 10; break;
        default: *any_of(words) = Digest{}; break;
    }
}

void ReplayScript::commit_again() {
    const ReplayRound* const round = any_round();
    if (round == nullptr) return;
    const crypto::RoundCommitment& c = round->commitment;
    const chain::CommitRound call{c, quorum(c.struct_hash())};
    const Address caller = mostly(model_->rounds().terms().coordinator);
    in_rounds(caller, "commitRound", {evm::abi_of(c), bytes_of(call.signatures)},
              model_->commit_round(caller, call));
}

// More rounds than the ring has slots for.
void ReplayScript::fill_ring() {
    in_rounds(people_.whale, "fund", {AbiValue::number(kOwnerTokens)},
              model_->fund(people_.whale, kOwnerTokens));
    for (int i = 0; i < 66; ++i) {
        if (i % 20 == 0) {
            flush();
            model_->advance(1);
        }
        // Held back from far below the head.
        if (i == 3 && one_in(2)) demand();
        submit(next_round(), model_->rounds().terms().coordinator);
    }
}

const ReplayRound* ReplayScript::any_round() {
    return rounds_.empty() ? nullptr : &any_of(rounds_);
}

// Mostly one that may still be voided.
const ReplayRound* ReplayScript::open_round(bool any_of_them) {
    std::vector<const ReplayRound*> open;
    for (const ReplayRound& round : rounds_) {
        if (model_->rounds().require_open(round.commitment)) open.push_back(&round);
    }
    if (open.empty()) return one_in(5) ? any_round() : nullptr;
    if (one_in(12)) return any_round();
    return any_of_them || one_in(3) ? any_of(open) : open.back();
}

const ReplayRound* ReplayScript::voided_round() {
    std::vector<const ReplayRound*> convictable;
    std::vector<const ReplayRound*> voided;
    for (const ReplayRound& round : rounds_) {
        if (!model_->is_voided(round.commitment.struct_hash())) continue;
        voided.push_back(&round);
        if (model_->rounds().require_convictable(round.commitment)) convictable.push_back(&round);
    }
    if (voided.empty()) return nullptr;
    return convictable.empty() || one_in(5) ? any_of(voided) : any_of(convictable);
}

void ReplayScript::void_round() {
    const ReplayRound* const round = open_round();
    if (round == nullptr) return commit();
    const Address caller = one_in(4) ? any_actor() : people_.council;
    in_rounds(caller, "voidRound", {evm::abi_of(round->commitment)},
              model_->void_round(caller, round->commitment));
}

void ReplayScript::claim() {
    std::vector<const ReplayRound*> final_ones;
    for (const ReplayRound& round : rounds_) {
        if (model_->rounds().require_final(round.commitment)) final_ones.push_back(&round);
    }
    const ReplayRound* const round =
        final_ones.empty() || one_in(8) ? any_round() : any_of(final_ones);
    if (round == nullptr) return;
    const std::size_t index = static_cast<std::size_t>(rng_.below(people_.owners.size()));
    chain::ClaimReward call;
    call.commitment = round->commitment;
    call.claim.leaf_count = round->rewards.size();
    call.claim.index = index;
    call.claim.site = people_.owners[index];
    call.claim.cumulative = round->cumulative[index];
    call.claim.salt = kSalt;
    call.claim.proof = *crypto::keccak_proof(round->rewards, index);
    if (one_in(8)) {
        switch (rng_.below(6)) {
            case 0: call.claim.cumulative += 1; break;
            case 1: call.claim.index = call.claim.leaf_count; break;
            case 2: call.claim.proof.pop_back(); break;
            case 3: call.claim.site = any_actor(); break;
            case 4:
                call.commitment.model = replay_label("another model");
                break;  // does not matter
            default: call.commitment.round = rng_.below(model_->head() + 2); break;
        }
    }
    const rules::RewardClaim& claim = call.claim;
    in_rounds(any_actor(), "claim",
              {AbiValue::number(call.commitment.round), AbiValue::number(claim.leaf_count),
               AbiValue::number(claim.index), AbiValue::address(claim.site),
               AbiValue::number(claim.cumulative), AbiValue::word(claim.salt),
               AbiValue::words(claim.proof)},
              model_->claim(call));
}

void ReplayScript::fund() {
    const Address caller = one_in(6) ? people_.whale : any_actor();
    Amount amount = rng_.below(30'000);
    if (one_in(12)) amount = 0;
    if (one_in(12)) amount = kOwnerTokens + 1;
    if (one_in(12) && caller == people_.whale) amount = chain::kAmount96Max;
    in_rounds(caller, "fund", {AbiValue::number(amount)}, model_->fund(caller, amount));
}

void ReplayScript::pause() {
    const Address caller = mostly(people_.council);
    if (one_in(3)) {
        return in_rounds(caller, "unpause", {}, model_->rounds().unpause(caller));
    }
    std::uint64_t until = model_->now() + rng_.below(3'000);
    if (one_in(6)) until = model_->now() + 7 * 86'400 + rng_.below(2);
    in_rounds(caller, "pause", {AbiValue::number(until)}, model_->rounds().pause(caller, until));
}

void ReplayScript::open_epoch() {
    chain::EpochTerms terms;
    terms.coordinator = any_of(people_.coordinators).address();
    terms.challenge_window = 500 + rng_.below(3'500);
    if (one_in(3)) terms.rules_digest = replay_label("rules");
    std::vector<Address> auditors;
    for (const crypto::SigningKey& key : people_.signers) auditors.push_back(key.address());
    rng_.shuffle(std::span<Address>(auditors));
    auditors.resize(static_cast<std::size_t>(1 + rng_.below(auditors.size())));
    terms.auditors = auditors;
    terms.threshold = static_cast<std::uint8_t>(1 + rng_.below(auditors.size()));
    if (one_in(5)) {
        switch (rng_.below(7)) {
            case 0: terms.coordinator = Address{}; break;
            case 6: terms.challenge_window = 0; break;
            case 1: terms.threshold = 0; break;
            case 2: terms.threshold = static_cast<std::uint8_t>(auditors.size() + 1); break;
            case 3: terms.auditors.push_back(auditors[0]); break;
            case 4: terms.auditors.back() = Address{}; break;
            default: terms.challenge_window = model_->vault().windows().challenge + 1; break;
        }
    }
    std::vector<AbiValue> list;
    for (const Address& auditor : terms.auditors) list.push_back(AbiValue::address(auditor));
    const Address caller = mostly(people_.governor);
    in_rounds(
        caller, "openEpoch",
        {AbiValue::list({AbiValue::address(terms.coordinator), AbiValue::number(terms.threshold),
                         AbiValue::number(terms.challenge_window),
                         AbiValue::word(terms.rules_digest), AbiValue::list(list)})},
        model_->rounds().open_epoch(caller, terms));
}

}  // namespace fedstake::testing
