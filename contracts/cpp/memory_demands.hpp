// Reference model of LeafDemands, call by call: demands to publish what a round was made of.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "contracts/cpp/memory_credits.hpp"
#include "contracts/cpp/memory_rounds.hpp"

namespace fedstake::chain {

// ILeafDemands.State; the numbers are the contract's.
enum class DemandState : std::uint8_t { kNone, kOpen, kAnswered, kExpired, kOverridden };

// ILeafDemands.Terms.
struct DemandTerms {
    Amount bond = 0;
    std::uint64_t answer_time = 0;      // seconds to answer, and then to prove
    std::uint16_t coordinator_bps = 0;  // slashed where nobody answers
    friend bool operator==(const DemandTerms&, const DemandTerms&) = default;
};

struct DemandsOptions {
    Address address;  // holds the bonds
    DemandTerms terms;
};

struct LeafAnswer {
    crypto::RoundCommitment commitment;
    std::vector<Digest> leaves;  // of the updates tree, hashed, in their order
    Bytes report;
    Bytes context;
};

class MemoryDemands {
public:
    // REQUIRES terms that setTerms accepts.
    MemoryDemands(const DemandsOptions& options, MemoryContext context, MemoryRounds& rounds,
                  MemoryVault& vault);

    struct Demand {
        Address demander;
        std::uint64_t deadline = 0;
        std::uint16_t epoch = 0;  // whose coordinator answers for the round
        DemandState state = DemandState::kNone;
        Amount bond = 0;
        RoundNumber round = 0;
        std::uint64_t answer_time = 0;  // of the terms when it was made
    };

    [[nodiscard]] Status demand_leaves(const Address& caller, const crypto::RoundCommitment& c,
                                       Amount bond_most);
    [[nodiscard]] Status answer_demand(const LeafAnswer& call);
    [[nodiscard]] Status expire_demand(const crypto::RoundCommitment& c);
    [[nodiscard]] Status settle_voided(const Digest& commitment);
    [[nodiscard]] Status set_terms(const Address& caller, const DemandTerms& terms);
    // Pays what the token refused to pay when it was due.
    [[nodiscard]] Status withdraw_bond(const Address& account) {
        return credits_.withdraw(account);
    }

    [[nodiscard]] const DemandTerms& terms() const noexcept { return terms_; }
    [[nodiscard]] Demand demand_of(const Digest& commitment) const;
    // Commitments of rounds that stand whose demands nobody has met, by round.
    [[nodiscard]] std::map<RoundNumber, Digest> unanswered() const;
    [[nodiscard]] Amount credit_of(const Address& account) const {
        return credits_.credit_of(account);
    }
    [[nodiscard]] const Address& address() const noexcept { return address_; }

private:
    // RETURNS the open demand, or NoOpenDemand.
    [[nodiscard]] Result<Demand> open(const Digest& commitment) const;
    [[nodiscard]] const Address& coordinator_of(const Demand& demand) const;
    void close(const Digest& commitment, DemandState state, const Address& paid);

    Address address_;
    DemandTerms terms_;
    MemoryContext context_;
    MemoryRounds& rounds_;
    MemoryVault& vault_;
    MemoryCredits credits_;
    std::map<Digest, Demand> demands_;  // by commitment
};

}  // namespace fedstake::chain
