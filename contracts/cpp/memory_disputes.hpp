// Reference model of RoundDisputes, call by call: challenges, rulings and their bonds.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "contracts/cpp/memory_credits.hpp"
#include "contracts/cpp/memory_rounds.hpp"

namespace fedstake::chain {

struct DisputesOptions {
    Address address;  // holds the bonds
    Amount bond = 0;  // of the first challenge of a round; doubles with each further one
};

class MemoryDisputes {
public:
    // REQUIRES a bond that is not zero.
    MemoryDisputes(DisputesOptions options, MemoryContext context, MemoryRounds& rounds,
                   const MemoryVault& vault);

    struct Dispute {
        Address challenger;  // zero: no dispute was opened about this commitment, or it is settled
        Amount bond = 0;
        std::uint64_t deadline = 0;
        std::uint32_t signers = 0;  // of the round: they do not judge
        std::uint16_t epoch = 0;
        RoundNumber round = 0;
    };

    [[nodiscard]] Status challenge(const Address& caller, const crypto::RoundCommitment& c,
                                   Amount bond_most);
    [[nodiscard]] Status resolve_by_panel(const crypto::RoundCommitment& c, bool upheld,
                                          const std::vector<AuditorSignature>& signatures);
    [[nodiscard]] Status resolve(const Address& caller, const crypto::RoundCommitment& c,
                                 bool upheld);
    [[nodiscard]] Status expire(const crypto::RoundCommitment& c);
    [[nodiscard]] Status settle_voided(const Digest& commitment);
    [[nodiscard]] Status set_bond(const Address& caller, Amount bond);
    // Pays what the token refused to pay when it was due.
    [[nodiscard]] Status withdraw_bond(const Address& account) {
        return credits_.withdraw(account);
    }

    // What the next challenge of this round number costs. Refuses a bond of more than 128 bits.
    [[nodiscard]] Result<Amount> bond_for(RoundNumber round) const;
    // How often this round number was challenged: what rulings about an open dispute name.
    [[nodiscard]] std::uint64_t challenges_of(RoundNumber round) const;
    [[nodiscard]] Amount credit_of(const Address& account) const {
        return credits_.credit_of(account);
    }
    [[nodiscard]] Dispute dispute_of(const Digest& commitment) const;
    [[nodiscard]] const Address& address() const noexcept { return options_.address; }

private:
    // RETURNS the open dispute, or NotDisputed.
    [[nodiscard]] Result<Dispute> open(const Digest& commitment) const;
    [[nodiscard]] Status decide(const crypto::RoundCommitment& c, const Dispute& dispute,
                                bool upheld);
    [[nodiscard]] Status void_and_repay(const crypto::RoundCommitment& c, const Dispute& dispute);

    DisputesOptions options_;
    MemoryContext context_;
    MemoryRounds& rounds_;
    const MemoryVault& vault_;
    MemoryCredits credits_;
    std::map<Digest, Dispute> disputes_;               // by commitment
    std::map<RoundNumber, std::uint64_t> challenges_;  // so far, by round number
};

}  // namespace fedstake::chain
