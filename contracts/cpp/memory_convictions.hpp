// Reference model of the three provers: equivocations, and what a proof against a committed round
// leads to. That the proof holds is the caller's word here: the arithmetic of opened documents is
// the contracts' own.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <tuple>

#include "contracts/cpp/memory_rounds.hpp"

namespace fedstake::chain {

// IConviction.Fault; the numbers are the contract's.
enum class RoundFault : std::uint8_t {
    kOmission,
    kBadSignature,
    kForeignStatement,
    kUpdatesDiffer,
    kBadReport,
    kCopyAccepted,
    kBadContext,
    kBadSettlement,
    kBadAggregate,
    kBadModel,
    kWrongSize,
    kGateMissed
};

enum class Prover : std::uint8_t { kFault, kResult, kSettlement };
inline constexpr std::size_t kProvers = 3;
// Which contract proves the fault.
[[nodiscard]] Prover prover_of(RoundFault fault) noexcept;

// Of stake and exit, in 1/10000 (IConviction.Shares).
struct SlashShares {
    std::uint16_t equivocation = 1'000;
    std::uint16_t coordinator = 5'000;
    std::uint16_t signer = 2'000;
    friend bool operator==(const SlashShares&, const SlashShares&) = default;
};

struct ProverOptions {
    std::array<Address, kProvers> addresses;  // by Prover
    SlashShares shares;                       // all begin with these
};

struct ProveCoordinatorEquivocation {
    std::uint16_t epoch = 0;  // whose coordinator signed both
    crypto::UpdateReceipt first;
    crypto::Signature first_signature;
    crypto::UpdateReceipt second;
    crypto::Signature second_signature;
};

class MemoryConvictions {
public:
    // REQUIRES shares of 1 to 10000.
    MemoryConvictions(const ProverOptions& options, MemoryContext context, MemoryRounds& rounds,
                      MemoryVault& vault);

    [[nodiscard]] Status prove_equivocation(const Address& caller, const ProveEquivocation& call);
    [[nodiscard]] Status prove_coordinator_equivocation(const Address& caller,
                                                        const ProveCoordinatorEquivocation& call);
    // The coordinator signed a receipt for an update that the round does not hold.
    [[nodiscard]] Status prove_omission(const Address& caller, const crypto::RoundCommitment& c,
                                        const crypto::UpdateReceipt& receipt,
                                        const crypto::Signature& signature);
    // Voids the round and its descendants, unless it was voided before; slashes its coordinator and
    // everyone who signed it.
    [[nodiscard]] Status convict(const Address& caller, RoundFault fault,
                                 const crypto::RoundCommitment& c);
    [[nodiscard]] Status set_shares(const Address& caller, Prover prover,
                                    const SlashShares& shares);

    [[nodiscard]] const SlashShares& shares(Prover prover) const noexcept {
        return shares_[static_cast<std::size_t>(prover)];
    }
    // Whether the site's equivocation is proven: punished, or only noted where the key is lost.
    [[nodiscard]] bool is_proven(const Address& site, RoundNumber round,
                                 std::uint32_t attempt) const;

private:
    using Incident = std::tuple<std::uint16_t, Address, RoundNumber, std::uint32_t>;

    [[nodiscard]] const Address& address(Prover prover) const noexcept {
        return addresses_[static_cast<std::size_t>(prover)];
    }
    // The account that answers for a key: the owner it is bound to, or the account itself.
    [[nodiscard]] Address owner_of(const Address& key) const;
    [[nodiscard]] Status require_federation(const FederationId& given) const;
    // RETURNS the key that made the signature: one of the site's.
    [[nodiscard]] Result<Address> key_of_site(const crypto::UpdateStatement& statement,
                                              const crypto::Signature& signature) const;
    [[nodiscard]] Status require_signed_by(const Address& coordinator,
                                           const crypto::UpdateReceipt& receipt,
                                           const crypto::Signature& signature) const;

    std::array<Address, kProvers> addresses_;
    std::array<SlashShares, kProvers> shares_;
    MemoryContext context_;
    MemoryRounds& rounds_;
    MemoryVault& vault_;
    std::set<Incident> proven_;
};

}  // namespace fedstake::chain
