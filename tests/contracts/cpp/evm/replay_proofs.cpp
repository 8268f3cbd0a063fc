// Scripts: proofs of faults, releases, and calls that only contracts may make.
#include "proto/crypto/keccak_tree.hpp"
#include "tests/contracts/cpp/evm/replay_script.hpp"

namespace fedstake::testing {

using chain::RoundFault;
using evm::AbiValue;

namespace {

AbiValue abi_of_receipt(const crypto::UpdateReceipt& receipt) {
    return AbiValue::list({AbiValue::word(receipt.federation), AbiValue::number(receipt.round),
                           AbiValue::number(receipt.attempt), AbiValue::address(receipt.site),
                           AbiValue::word(receipt.update_root),
                           AbiValue::word(receipt.statement_digest)});
}

}  // namespace

void ReplayScript::proofs() {
    choose({{5, &ReplayScript::convict},
            {2, &ReplayScript::equivocate},
            {2, &ReplayScript::lose_key},
            {2, &ReplayScript::equivocate_as_coordinator},
            {1, &ReplayScript::set_shares},
            {1, &ReplayScript::enrich_coordinator}});
}

void ReplayScript::convict() {
    const ReplayRound* round = one_in(3) ? voided_round() : nullptr;
    if (round != nullptr && one_in(4)) wait_for_last_day(*round);
    if (round == nullptr) round = open_round();
    if (round == nullptr) return commit();
    const crypto::RoundCommitment& c = round->commitment;
    const Address caller = any_actor();
    const AbiValue nothing = AbiValue::bytes({});
    switch (rng_.below(4)) {
        case 0:
            return plan(caller, chain_.result_prover(), chain_.abis().result_prover,
                        "proveBadReport",
                        {evm::abi_of(c),
                         AbiValue::list({AbiValue::bytes(round->report), nothing, nothing})},
                        model_->convictions().convict(caller, RoundFault::kBadReport, c));
        case 1:
            return plan(
                caller, chain_.settlement_prover(), chain_.abis().settlement_prover,
                "proveBadContext",
                {evm::abi_of(c), AbiValue::bytes(round->context), evm::abi_of(c), nothing, nothing},
                model_->convictions().convict(caller, RoundFault::kBadContext, c));
        case 2: return prove_omission(*round);
        default: return prove_foreign(*round);
    }
}

// To the last second in which a voided round is convicted, or the one after it.
void ReplayScript::wait_for_last_day(const ReplayRound& round) {
    const crypto::RoundCommitment& c = round.commitment;
    const auto record = model_->rounds().record_of(c.round, c.struct_hash());
    const std::uint64_t latest =
        record->window_end + model_->vault().windows().evidence_age + rng_.below(2);
    if (latest <= model_->now()) return;
    flush();
    model_->set_time(latest);
}

void ReplayScript::prove_omission(const ReplayRound& round) {
    const crypto::RoundCommitment& c = round.commitment;
    const Address caller = any_actor();
    crypto::UpdateReceipt receipt;
    receipt.federation = c.federation;
    receipt.round = c.round;
    receipt.attempt = c.attempt + (one_in(15) ? 1 : 0);
    receipt.site = any_owner();
    for (const Address& site : people_.owners) {
        const bool lied = model_->convictions().is_proven(site, c.round, c.attempt);
        if (lied && one_in(3)) receipt.site = site;
    }
    receipt.update_root = replay_label("an update that was left out");
    const auto record = model_->rounds().record_of(c.round, c.struct_hash());
    const crypto::SigningKey& key =
        !record || one_in(10) ? any_of(people_.coordinators)
                              : people_.key_of(model_->rounds().epoch(record->epoch)->coordinator);
    const crypto::Signature signature =
        crypto::sign_statement(model_->rounds().domain(), receipt, key);
    plan(caller, chain_.at().fault_prover, chain_.abis().fault_prover, "proveOmission",
         {evm::abi_of(c), AbiValue::list(abi_of(round.updates)), abi_of_receipt(receipt),
          bytes_of(signature)},
         model_->convictions().prove_omission(caller, c, receipt, signature));
}

void ReplayScript::prove_foreign(const ReplayRound& round) {
    const crypto::RoundCommitment& c = round.commitment;
    const Address caller = any_actor();
    plan(caller, chain_.at().fault_prover, chain_.abis().fault_prover, "proveForeignStatement",
         {evm::abi_of(c), abi_of(round.updates)[0],
          AbiValue::list({AbiValue::number(round.updates.size()), AbiValue::number(0),
                          AbiValue::words(*crypto::keccak_proof(hashes_of(round.updates), 0))}),
          evm::abi_of(round.foreign)},
         model_->convictions().convict(caller, RoundFault::kForeignStatement, c));
}

void ReplayScript::equivocate() {
    const std::size_t index = static_cast<std::size_t>(rng_.below(people_.owners.size()));
    crypto::UpdateStatement a;
    a.federation = model_->rounds().federation();
    a.round = 1 + rng_.below(3);
    a.site = people_.owners[index];
    a.base_model = replay_label("base");
    a.update_root = replay_label("one update");
    a.coordinates = 13;
    crypto::UpdateStatement b = a;
    b.update_root = replay_label("another update");
    if (one_in(4)) {
        switch (rng_.below(4)) {
            case 0: b = a; break;
            case 1: b.attempt = 1; break;
            case 2: a.federation = replay_label("another federation"); break;
            default: b.site = people_.owners[(index + 1) % people_.owners.size()]; break;
        }
    }
    const auto& key = one_in(8) ? any_of(people_.signers) : people_.signers[index];
    const chain::ProveEquivocation call{
        a, crypto::sign_statement(model_->rounds().domain(), a, key), b,
        crypto::sign_statement(model_->rounds().domain(), b,
                               one_in(10) ? people_.signers[5] : key)};
    prove_equivocation(one_in(4) ? people_.owners[index] : any_actor(), call);
}

void ReplayScript::prove_equivocation(const Address& caller, const chain::ProveEquivocation& call) {
    const bool jailed = model_->vault().account(call.first.site).jailed;
    const Status model = model_->prove_equivocation(caller, call);
    if (model && !model_->vault().account(call.first.site).jailed) {
        ++outcomes_["proveEquivocation with a lost key/ok"];
    }
    if (model && jailed) ++outcomes_["proveEquivocation in jail/ok"];
    plan(caller, chain_.at().fault_prover, chain_.abis().fault_prover, "proveEquivocation",
         {evm::abi_of(call.first), bytes_of(call.first_signature), evm::abi_of(call.second),
          bytes_of(call.second_signature)},
         model);
}

void ReplayScript::equivocate(const Address& site, RoundNumber round,
                              const crypto::SigningKey& first, const crypto::SigningKey& second) {
    chain::ProveEquivocation call;
    call.first.federation = model_->rounds().federation();
    call.first.round = round;
    call.first.site = site;
    call.first.base_model = replay_label("base");
    call.first.update_root = replay_label("one update");
    call.first.coordinates = 13;
    call.second = call.first;
    call.second.update_root = replay_label("another update");
    call.first_signature = crypto::sign_statement(model_->rounds().domain(), call.first, first);
    call.second_signature = crypto::sign_statement(model_->rounds().domain(), call.second, second);
    prove_equivocation(any_actor(), call);
}

// In jail for what its lost key signed, a site takes another key. What the lost one signs is then
// only noted, in jail and after it; what the new one signs counts.
void ReplayScript::lose_key() {
    const std::size_t index = static_cast<std::size_t>(rng_.below(4));
    const Address site = people_.owners[index];
    const crypto::SigningKey& lost = people_.signers[index];
    std::vector<const crypto::SigningKey*> unbound;
    for (const auto* keys : {&people_.signers, &people_.coordinators}) {
        for (const crypto::SigningKey& key : *keys) {
            if (model_->vault().owner_of_signer(key.address()).is_zero()) unbound.push_back(&key);
        }
    }
    if (unbound.empty()) return equivocate();
    const crypto::SigningKey& next = *any_of(unbound);
    if (!one_in(4)) equivocate(site, 1 + rng_.below(3), lost, lost);
    if (one_in(2)) equivocate(site, 4, lost, lost);
    set_signer(site, next);
    const Address council = one_in(8) ? any_actor() : people_.council;
    if (!one_in(4)) {
        in_vault(council, "unjail", {AbiValue::address(site)},
                 model_->vault().unjail(council, site));
    }
    equivocate(site, 5, one_in(2) ? lost : next, one_in(2) ? lost : next);
    if (one_in(2)) equivocate(site, 6, next, next);
}

void ReplayScript::equivocate_as_coordinator() {
    chain::ProveCoordinatorEquivocation call;
    const auto last = static_cast<std::uint64_t>(model_->rounds().current_epoch());
    call.epoch = static_cast<std::uint16_t>(rng_.below(last + 1) + (one_in(12) ? 1 : 0));
    crypto::UpdateReceipt& a = call.first;
    a.federation = model_->rounds().federation();
    a.round = 1 + rng_.below(2);
    a.attempt = static_cast<std::uint32_t>(rng_.below(2));
    a.site = any_owner();
    a.update_root = replay_label("one update");
    a.statement_digest = replay_label("one statement");
    call.second = a;
    call.second.update_root = replay_label("another update");
    if (one_in(5)) {
        switch (rng_.below(3)) {
            case 0: call.second = a; break;
            case 1: call.second.round = 7; break;
            default: call.second.federation = replay_label("another federation"); break;
        }
    }
    const chain::EpochTerms* const terms = model_->rounds().epoch(call.epoch);
    const crypto::SigningKey& key = terms == nullptr || one_in(8)
                                        ? any_of(people_.coordinators)
                                        : people_.key_of(terms->coordinator);
    call.first_signature = crypto::sign_statement(model_->rounds().domain(), call.first, key);
    call.second_signature = crypto::sign_statement(model_->rounds().domain(), call.second, key);
    const Address caller = one_in(6) ? key.address() : any_actor();
    plan(caller, chain_.at().fault_prover, chain_.abis().fault_prover,
         "proveCoordinatorEquivocation",
         {AbiValue::number(call.epoch), abi_of_receipt(call.first), bytes_of(call.first_signature),
          abi_of_receipt(call.second), bytes_of(call.second_signature)},
         model_->convictions().prove_coordinator_equivocation(caller, call));
}

void ReplayScript::set_shares() {
    const auto share = [&] {
        return static_cast<std::uint16_t>(one_in(15) ? rng_.below(2) * 10'001
                                                     : 1 + rng_.below(10'000));
    };
    const chain::SlashShares shares{share(), share(), share()};
    const auto prover = static_cast<chain::Prover>(rng_.below(chain::kProvers));
    const std::array<Address, chain::kProvers> at{chain_.at().fault_prover, chain_.result_prover(),
                                                  chain_.settlement_prover()};
    const Address caller = mostly(people_.governor);
    plan(caller, at[static_cast<std::size_t>(prover)], chain_.abis().fault_prover, "setShares",
         {AbiValue::list({AbiValue::number(shares.equivocation),
                          AbiValue::number(shares.coordinator), AbiValue::number(shares.signer)})},
         model_->convictions().set_shares(caller, prover, shares));
}

// An owner with more than 96 bits of stake and exit answers for the coordinator, with all of it:
// more than one slash can move.
void ReplayScript::enrich_coordinator() {
    const Address who = people_.whale;
    const Amount all = chain::kAmount96Max;
    set_signer(who, people_.key_of(model_->rounds().terms().coordinator));
    for (int i = 0; i < 2; ++i) {
        in_vault(who, "stake", {AbiValue::number(all)}, model_->vault().stake(who, all));
        in_vault(who, "requestExit", {AbiValue::number(all)}, model_->request_exit(who, all));
    }
    const chain::SlashShares shares{10'000, 10'000, 1};
    plan(people_.governor, chain_.result_prover(), chain_.abis().result_prover, "setShares",
         {AbiValue::list({AbiValue::number(shares.equivocation),
                          AbiValue::number(shares.coordinator), AbiValue::number(shares.signer)})},
         model_->convictions().set_shares(people_.governor, chain::Prover::kResult, shares));
}

// What only contracts may do.
void ReplayScript::outsiders() {
    const Address caller = any_actor();
    const Digest id = replay_label("a case");
    chain::MemoryVault& vault = model_->vault();
    switch (rng_.below(9)) {
        case 6:
            return in_rounds(caller, "settleDemand", {AbiValue::number(1), AbiValue::number(1)},
                             model_->rounds().settle_demand(caller, 1, 1));
        case 0:
            return in_vault(caller, "proposeSlash",
                            {AbiValue::address(people_.owners[0]), AbiValue::number(100),
                             AbiValue::number(2), AbiValue::word(id)},
                            vault.propose_slash(caller, people_.owners[0], 100, 2, id));
        case 1:
            return in_vault(caller, "postponeSlash", {AbiValue::word(id), AbiValue::number(1)},
                            vault.postpone_slash(caller, id, 1));
        case 2:
            return in_vault(caller, "dropSlash", {AbiValue::word(id)},
                            vault.drop_slash(caller, id));
        case 3:
            return in_vault(caller, "slashMany",
                            {AbiValue::list({AbiValue::address(people_.owners[0])}),
                             AbiValue::list({AbiValue::number(100)}), AbiValue::address(caller),
                             AbiValue::number(1)},
                            vault.slash_many(caller, {people_.owners[0]}, {100}, caller, 1));
        case 4:
            return in_rounds(caller, "releaseRound", {}, model_->rounds().release_round(caller));
        default: break;
    }
    const ReplayRound* const round = open_round();
    if (round == nullptr) return;
    const crypto::RoundCommitment& c = round->commitment;
    switch (rng_.below(3)) {
        case 0:
            return in_rounds(caller, "holdRound", {evm::abi_of(c)},
                             model_->rounds().hold_round(caller, c));
        case 1:
            return in_rounds(caller, "demandRound", {evm::abi_of(c)},
                             model_->rounds().demand_round(caller, c));
        default:
            return in_rounds(caller, "convictRound", {evm::abi_of(c)},
                             model_->rounds().convict_round(caller, c));
    }
}

void ReplayScript::registry() {
    if (!one_in(3)) return publish();
    if (one_in(4)) {
        const Address caller = mostly(people_.governor);
        const Address publisher = one_in(6) ? Address{} : any_of(people_.coordinators).address();
        return in_registry(caller, "setPublisher", {AbiValue::address(publisher)},
                           model_->registry().set_publisher(caller, publisher));
    }
    const Digest id = replay_label("model");
    const std::uint64_t latest = model_->registry().latest_version(id);
    if (latest == 0 && !one_in(4)) return publish();
    const std::uint64_t version = one_in(8) ? rng_.below(latest + 2) : latest;
    const auto status = static_cast<chain::ReleaseStatus>(rng_.below(3));
    const Address caller = mostly(model_->registry().publisher());
    in_registry(caller, "setStatus",
                {AbiValue::word(id), AbiValue::number(version),
                 AbiValue::number(static_cast<std::uint8_t>(status)), AbiValue::text("why")},
                model_->registry().set_status(caller, id, version, status));
}

void ReplayScript::publish() {
    const ReplayRound* round = any_round();
    if (round == nullptr) return;
    for (const ReplayRound& other : rounds_) {
        if (model_->rounds().require_final(other.commitment) && !one_in(4)) round = &other;
    }
    chain::PublishModel release;
    release.commitment = round->commitment;
    release.model_id = replay_label("model");
    release.version = model_->registry().latest_version(release.model_id) + 1;
    release.parent = model_->record_of(release.model_id, release.version - 1);
    release.weights_sha256 = replay_label("weights");
    release.weights_bytes = 52;
    if (one_in(3)) {
        switch (rng_.below(5)) {
            case 0: release.version = rng_.below(release.version + 2); break;
            case 1: release.parent = replay_label("another parent"); break;
            case 2: release.weights_sha256 = Digest{}; break;
            case 3: release.weights_bytes = 0; break;
            default: release.model_id = Digest{}; break;
        }
    }
    const Address caller = mostly(model_->registry().publisher());
    const Status model = model_->publish(caller, release);
    in_registry(caller, "publish", {evm::abi_of(release.commitment), evm::abi_of(release)}, model);
    if (model) subjects_.models.insert(release.model_id);
}

}  // namespace fedstake::testing
