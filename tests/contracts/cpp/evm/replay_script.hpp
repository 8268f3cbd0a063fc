// One random script: calls by many actors, chosen with an eye on the reference model so that they
// get far, with hostile variations; the same calls on model and contracts, compared.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proto/base/rng.hpp"
#include "tests/contracts/cpp/evm/replay_invariants.hpp"
#include "tests/contracts/cpp/evm/replay_views.hpp"

namespace fedstake::testing {

// A leaf of an updates tree; all have the same signature.
struct ReplayUpdate {
    Address site;
    Digest update_root;
    Digest statement;  // digest
};

// A commitment with documents that prove it false in four ways, each cheap.
struct ReplayRound {
    crypto::RoundCommitment commitment;
    std::vector<Amount> cumulative;  // rewards by owner
    std::vector<Digest> rewards;     // leaves
    std::vector<ReplayUpdate> updates;
    Bytes report;                     // malformed
    Bytes context;                    // malformed
    crypto::UpdateStatement foreign;  // what the first update's leaf commits to
};

class ReplayScript {
public:
    ReplayScript(const ReplayPeople& people, ReplayChain& chain, std::uint64_t seed);

    // Plans and carries out about this many calls. RETURNS what differs first, in words; empty
    // where nothing does.
    [[nodiscard]] std::string run(std::size_t calls);

    // How often which call ended how: "appeal/ok", "appeal/WrongStage".
    [[nodiscard]] const std::map<std::string, std::uint64_t>& outcomes() const { return outcomes_; }
    [[nodiscard]] std::uint64_t views() const noexcept { return views_; }

private:
    using Action = void (ReplayScript::*)();
    struct Choice {
        unsigned weight;
        Action action;
    };
    struct Expected {
        std::string what;
        std::string refusal;  // refusal_text; empty: accepted
        Bytes view;           // output; only of views
        bool is_view = false;
    };

    // replay_script.cpp
    void act();
    void choose(const std::vector<Choice>& choices);
    void pass_time();
    [[nodiscard]] std::vector<std::uint64_t> deadlines();
    void flush();
    void plan_views();
    [[nodiscard]] std::string first_difference();
    [[nodiscard]] std::string differs(const Expected& wanted, const ActorOutcome& real) const;
    void plan(const Address& caller, const Address& target, const evm::ContractAbi& abi,
              std::string_view function, std::vector<evm::AbiValue> arguments, const Status& model);
    void in_vault(const Address& caller, std::string_view function,
                  std::vector<evm::AbiValue> arguments, const Status& model);
    void in_rounds(const Address& caller, std::string_view function,
                   std::vector<evm::AbiValue> arguments, const Status& model);
    void in_court(const Address& caller, std::string_view function,
                  std::vector<evm::AbiValue> arguments, const Status& model);
    void in_disputes(const Address& caller, std::string_view function,
                     std::vector<evm::AbiValue> arguments, const Status& model);
    void in_demands(const Address& caller, std::string_view function,
                    std::vector<evm::AbiValue> arguments, const Status& model);
    void in_registry(const Address& caller, std::string_view function,
                     std::vector<evm::AbiValue> arguments, const Status& model);

    [[nodiscard]] bool one_in(std::uint64_t n) { return rng_.below(n) == 0; }
    template <class List>
    [[nodiscard]] const auto& any_of(const List& list) {
        return list[static_cast<std::size_t>(rng_.below(list.size()))];
    }
    [[nodiscard]] Address any_actor() { return any_of(actors_); }
    [[nodiscard]] Address any_owner() { return any_of(people_.owners); }
    // Nearly always the one named; else anybody.
    [[nodiscard]] Address mostly(const Address& who) { return one_in(12) ? any_actor() : who; }
    [[nodiscard]] std::vector<chain::AuditorSignature> signed_by_auditors(
        const chain::EpochTerms& terms, std::uint32_t candidates, std::size_t wanted,
        const Digest& digest);
    [[nodiscard]] std::vector<chain::AuditorSignature> quorum(const Digest& struct_hash);

    // replay_accounts.cpp
    void accounts();
    void stake();
    void leave();
    void leave_under_suspicion(const Address& caller);
    void leave_after_signing(const Address& caller);
    void leave_through_a_void(const Address& caller);
    void set_signer();
    void set_signer(const Address& caller, const crypto::SigningKey& key);
    void pay_out();
    void set_windows();
    // replay_rounds.cpp
    void rounds();
    void commit();
    void commit_again();
    void spoil(crypto::RoundCommitment& c);
    void void_round();
    void claim();
    void fund();
    void pause();
    void open_epoch();
    void fill_ring();
    [[nodiscard]] ReplayRound next_round();
    void submit(const ReplayRound& round, const Address& caller);
    [[nodiscard]] const ReplayRound* any_round();
    // Mostly a late one, so that there is something left.
    [[nodiscard]] const ReplayRound* open_round(bool any_of_them = false);
    // Mostly one whose parties may still be convicted.
    [[nodiscard]] const ReplayRound* voided_round();
    // replay_court.cpp
    void court();
    void accuse();
    void appeal();
    void rule();
    void close_case();
    void execute();
    void quiet_quarter();
    [[nodiscard]] Digest case_at(std::initializer_list<chain::TrialStage> stages);
    // replay_disputes.cpp
    void disputes();
    void challenge();
    void resolve();
    void end_dispute();
    [[nodiscard]] const ReplayRound* disputed_round();
    // replay_demands.cpp
    void demands();
    void demand();
    void answer();
    void expire_demand();
    void outage();
    void settle_demand();
    void set_demand_terms();
    void extend();
    void extend(RoundNumber round, std::uint64_t until);
    [[nodiscard]] std::uint64_t extension_most();
    void pay_credit();
    [[nodiscard]] std::vector<Address> owed_bonds();
    void turn_token();
    [[nodiscard]] const ReplayRound* demanded_round();
    // replay_proofs.cpp
    void proofs();
    void convict();
    void wait_for_last_day(const ReplayRound& round);
    void prove_omission(const ReplayRound& round);
    void prove_foreign(const ReplayRound& round);
    void equivocate();
    void equivocate(const Address& site, RoundNumber round, const crypto::SigningKey& first,
                    const crypto::SigningKey& second);
    void prove_equivocation(const Address& caller, const chain::ProveEquivocation& call);
    void lose_key();
    void equivocate_as_coordinator();
    void set_shares();
    void enrich_coordinator();
    void outsiders();
    void registry();
    void publish();

    const ReplayPeople& people_;
    ReplayChain& chain_;
    Rng rng_;
    std::vector<Address> actors_;
    std::unique_ptr<chain::MemoryChain> model_;
    ReplaySubjects subjects_;
    ReplayInvariants invariants_;
    std::vector<ReplayRound> rounds_;            // that stood once
    std::vector<crypto::AttestedFault> faults_;  // with a case
    std::vector<Choice> theme_;
    Address suspect_;            // next to be accused; zero: anybody
    std::set<Address> refused_;  // whom the token does not pay
    std::vector<ActorCall> pending_;
    std::vector<Expected> expected_;
    std::map<std::string, std::uint64_t> outcomes_;
    std::uint64_t views_ = 0;
    std::uint64_t serial_ = 0;  // makes every commitment another one
};

[[nodiscard]] evm::AbiValue bytes_of(const crypto::Signature& signature);
[[nodiscard]] std::vector<Digest> hashes_of(const std::vector<ReplayUpdate>& updates);
[[nodiscard]] std::vector<evm::AbiValue> abi_of(const std::vector<ReplayUpdate>& updates);
[[nodiscard]] evm::AbiValue bytes_of(const std::vector<chain::AuditorSignature>& signatures);

}  // namespace fedstake::testing
