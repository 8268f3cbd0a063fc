// Scripts: stakes, exits, keys, payouts, windows.
#include <algorithm>

#include "tests/contracts/cpp/evm/replay_script.hpp"

namespace fedstake::testing {

using evm::AbiValue;

void ReplayScript::accounts() {
    choose({{3, &ReplayScript::stake},
            {6, &ReplayScript::leave},
            {1, &ReplayScript::set_signer},
            {3, &ReplayScript::pay_out},
            {1, &ReplayScript::set_windows}});
}

void ReplayScript::stake() {
    Address caller = one_in(8) ? people_.whale : any_owner();
    if (one_in(10)) caller = any_actor();
    Amount amount = rng_.below(20'000);
    if (one_in(20)) amount = 0;
    if (one_in(caller == people_.whale ? 4 : 15))
        amount = caller == people_.whale ? chain::kAmount96Max + rng_.below(2) : kOwnerTokens;
    if (!one_in(4)) {
        return in_vault(caller, "stake", {AbiValue::number(amount)},
                        model_->vault().stake(caller, amount));
    }
    Address account = one_in(3) ? any_owner() : any_actor();
    for (const Address& actor : actors_) {
        const Address owner = model_->vault().owner_of_signer(actor);
        const bool bound = !owner.is_zero() && owner != actor;
        if (bound && !model_->vault().account(actor).signer.is_zero() && one_in(3)) account = actor;
    }
    if (one_in(10)) account = Address{};
    in_vault(caller, "stakeFor", {AbiValue::address(account), AbiValue::number(amount)},
             model_->vault().stake_for(caller, account, amount));
}

void ReplayScript::leave() {
    Address caller = one_in(12) ? people_.whale : any_owner();
    if (one_in(5)) caller = any_of(people_.coordinators).address();
    for (const Address& actor : actors_) {
        if (model_->vault().account(actor).exit != 0 && one_in(6)) caller = actor;
    }
    const chain::MemoryVault::Account account = model_->vault().account(caller);
    if (account.open_cases != 0 && !one_in(4)) return leave_under_suspicion(caller);
    if (account.exit != 0 && one_in(2)) return leave_after_signing(caller);
    if (account.exit == 0 ? one_in(8) : !one_in(4)) {
        return in_vault(caller, "withdraw", {}, model_->withdraw(caller));
    }
    Amount amount = one_in(3) ? account.stake : rng_.below(9'000);
    if (one_in(12)) amount = account.stake + 1;
    if (one_in(20)) amount = 0;
    in_vault(caller, "requestExit", {AbiValue::number(amount)},
             model_->request_exit(caller, amount));
}

// Takes all that may be taken while a case is open, and then asks once more.
void ReplayScript::leave_under_suspicion(const Address& caller) {
    const chain::MemoryVault::Account account = model_->vault().account(caller);
    if (account.stake != 0) {
        return in_vault(caller, "requestExit", {AbiValue::number(account.stake)},
                        model_->request_exit(caller, account.stake));
    }
    flush();
    model_->set_time(std::max(model_->now() + 1, account.exit_ready_at));
    for (int i = 0; i < 2; ++i) in_vault(caller, "withdraw", {}, model_->withdraw(caller));
}

// The exit is due, and its owner's key, maybe, has just signed or posted something.
void ReplayScript::leave_after_signing(const Address& caller) {
    flush();
    model_->set_time(std::max(model_->now() + 1, model_->vault().account(caller).exit_ready_at));
    if (!one_in(3)) commit();
    in_vault(caller, "withdraw", {}, model_->withdraw(caller));
    if (!one_in(3)) leave_through_a_void(caller);
}

// What was signed is gone, unproven or proven, and the exit is still due. The last proof is heard
// at one moment, and one second later nothing keeps the exit.
void ReplayScript::leave_through_a_void(const Address& caller) {
    if (one_in(3)) {
        convict();
    } else {
        void_round();
    }
    in_vault(caller, "withdraw", {}, model_->withdraw(caller));
    const std::uint64_t until = model_->rounds().answers_until(caller) + rng_.below(2);
    if (until <= model_->now() || one_in(4)) return;
    flush();
    model_->set_time(until);
    in_vault(caller, "withdraw", {}, model_->withdraw(caller));
}

void ReplayScript::set_signer() {
    Address caller = one_in(4) ? any_actor() : any_owner();
    if (one_in(6)) caller = people_.signers[0].address();  // which is itself somebody's
    const crypto::SigningKey& key =
        one_in(3) ? any_of(people_.coordinators) : any_of(people_.signers);
    // The consent of that key, or of another, or for another owner.
    const crypto::SigningKey& hand = one_in(8) ? any_of(people_.signers) : key;
    const Address owner = one_in(8) ? any_owner() : caller;
    const Address signer = one_in(12) ? Address{} : key.address();
    const crypto::Signature word =
        crypto::sign_statement({chain_.at().chain_id, chain_.at().stake_vault},
                               crypto::SignerBinding{owner, key.address()}, hand);
    in_vault(caller, "setSigner", {AbiValue::address(signer), bytes_of(word)},
             model_->vault().set_signer(caller, signer, word));
}

void ReplayScript::set_signer(const Address& caller, const crypto::SigningKey& key) {
    const crypto::Signature word =
        crypto::sign_statement({chain_.at().chain_id, chain_.at().stake_vault},
                               crypto::SignerBinding{caller, key.address()}, key);
    in_vault(caller, "setSigner", {AbiValue::address(key.address()), bytes_of(word)},
             model_->vault().set_signer(caller, key.address(), word));
}

void ReplayScript::pay_out() {
    switch (rng_.below(3)) {
        case 0: {
            Address who = any_actor();
            for (const Address& actor : actors_) {
                if (model_->vault().bounty_of(actor) != 0 && one_in(2)) who = actor;
            }
            return in_vault(any_actor(), "payBounty", {AbiValue::address(who)},
                            model_->vault().pay_bounty(who));
        }
        case 1:
            return in_vault(any_actor(), "sweepSlashPool", {}, model_->vault().sweep_slash_pool());
        default: {
            const Address caller = mostly(people_.council);
            Address site = any_owner();
            for (const Address& owner : people_.owners) {
                if (model_->vault().account(owner).jailed && one_in(2)) site = owner;
            }
            return in_vault(caller, "unjail", {AbiValue::address(site)},
                            model_->vault().unjail(caller, site));
        }
    }
}

void ReplayScript::set_windows() {
    chain::VaultWindows w = model_->vault().windows();
    switch (rng_.below(6)) {
        case 0: w.unbonding -= rng_.below(2); break;
        case 1: w.challenge -= rng_.below(2); break;
        case 2: w.resolution = 1'000 + rng_.below(20'000); break;
        case 3: w.slash_delay = 1'000 + rng_.below(22'000); break;
        case 4: w.evidence_age = rng_.below(18'000); break;
        default: w.appeal = rng_.below(5'000); break;
    }
    if (one_in(3)) w.unbonding += rng_.below(2'000);
    if (one_in(5)) w.challenge += rng_.below(500);
    const Address caller = mostly(people_.governor);
    in_vault(caller, "setWindows",
             {AbiValue::list({AbiValue::number(w.unbonding), AbiValue::number(w.challenge),
                              AbiValue::number(w.resolution), AbiValue::number(w.slash_delay),
                              AbiValue::number(w.appeal), AbiValue::number(w.evidence_age)})},
             model_->vault().set_windows(caller, w));
}

}  // namespace fedstake::testing
