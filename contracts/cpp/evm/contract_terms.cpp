// View calls, compared one by one.
#include "contracts/cpp/evm/contract_terms.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace fedstake::evm {

namespace {

// One contract and its name in messages.
class Contract {
public:
    Contract(EthNode& node, const char* name, const Address& address, const ContractAbi& abi)
        : node_(node), name_(name), address_(address), abi_(abi) {}

    Status expect(std::string_view function, const Address& wanted,
                  std::vector<AbiValue> arguments = {}, std::string_view what = {}) {
        FS_ASSIGN(const AbiValue value, get(function, std::move(arguments)));
        FS_ASSIGN(const Address found, value.as_address());
        if (found == wanted) return {};
        return differs(what.empty() ? function : what, found.hex(), wanted.hex());
    }
    Status expect(std::string_view function, const Digest& wanted) {
        FS_ASSIGN(const Digest found, digest(function));
        return found == wanted ? Status{} : differs(function, found.hex(), wanted.hex());
    }
    Status expect(std::string_view function, std::uint64_t wanted, std::string_view what) {
        FS_ASSIGN(const std::uint64_t found, number(function));
        return found == wanted ? Status{}
                               : differs(what, std::to_string(found), std::to_string(wanted));
    }
    Result<Digest> digest(std::string_view function) {
        FS_ASSIGN(const AbiValue value, get(function, {}));
        return value.as_digest();
    }
    Result<std::uint64_t> number(std::string_view function) {
        FS_ASSIGN(const AbiValue value, get(function, {}));
        return value.as_u64();
    }
    [[nodiscard]] tl::unexpected<Error> differs(std::string_view what, const std::string& found,
                                                const std::string& wanted) const {
        return fail(Errc::kConflict,
                    fmt::format("the {} contract at {} was deployed with {} {}, the manifest says "
                                "{}: restore the manifest as it was at `deploy` (contracts cannot "
                                "be changed), or found a new federation",
                                name_, address_.hex(), what, found, wanted));
    }

private:
    Result<AbiValue> get(std::string_view function, std::vector<AbiValue> arguments) {
        auto result = call_view(node_, address_, abi_, function, std::move(arguments));
        if (result && !result->empty()) return std::move(result->front());
        const std::string why = result ? "no result" : result.error().message;
        return fail(Errc::kUnavailable, fmt::format("the {} contract at {} does not answer: {}",
                                                    name_, address_.hex(), why));
    }

    EthNode& node_;
    const char* name_;
    const Address& address_;
    const ContractAbi& abi_;
};

// Rounds under other rules than those pinned are a fault that anyone can prove.
Status check_rules(Contract& rounds, const Digest& wanted) {
    FS_ASSIGN(const Digest pinned, rounds.digest("rulesDigest"));
    if (pinned.is_zero() || pinned == wanted) return {};
    const Error other = rounds.differs("rules of digest", pinned.hex(), wanted.hex()).value();
    return with_context(other,
                        "anyone can void rounds under other rules than those that the open epoch "
                        "pins; restore them, or have the holder of the role PARAMETERS (the "
                        "timelock; the deployer where there is none) open an epoch that pins the "
                        "new ones");
}

Status check_auditors(Contract& rounds, const std::vector<Address>& auditors) {
    FS_ASSIGN(const std::uint64_t count, rounds.number("auditorsCount"));
    const std::uint64_t common = std::min<std::uint64_t>(count, auditors.size());
    for (std::uint64_t i = 0; i < common; ++i) {
        FS_TRY(rounds.expect("auditorAt", auditors[static_cast<std::size_t>(i)],
                             {AbiValue::number(i)}, fmt::format("auditor {} =", i)));
    }
    if (count == auditors.size()) return {};
    return rounds.differs("a number of auditors of", std::to_string(count),
                          std::to_string(auditors.size()));
}

}  // namespace

Status check_terms(EthNode& node, const ContractAddresses& addresses, const ContractAbis& abis,
                   const ContractTerms& terms) {
    Contract rounds(node, "RoundManager", addresses.round_manager, abis.round_manager);
    FS_TRY(rounds.expect("federation", terms.federation));
    if (const Status same = rounds.expect("coordinator", terms.coordinator); !same) {
        return with_context(same.error(),
                            "rounds are taken from one account alone; keep it, or have the holder "
                            "of the role PARAMETERS (the timelock; the deployer where there is "
                            "none) open an epoch that names " +
                                terms.coordinator.hex());
    }
    FS_TRY(rounds.expect("threshold", terms.threshold, "a number of signatures needed of"));
    FS_TRY(check_auditors(rounds, terms.auditors));
    FS_TRY(check_rules(rounds, terms.rules_digest));
    FS_TRY(rounds.expect("token", addresses.token));
    FS_TRY(rounds.expect("vault", addresses.stake_vault));
    Contract vault(node, "StakeVault", addresses.stake_vault, abis.stake_vault);
    FS_TRY(vault.expect("token", addresses.token));
    Contract court(node, "SlashCourt", addresses.slash_court, abis.slash_court);
    FS_TRY(court.expect("roundManager", addresses.round_manager));
    FS_TRY(court.expect("maxBps", terms.accusation_bps_max, "slash_bps_max"));
    Contract prover(node, "FaultProver", addresses.fault_prover, abis.fault_prover);
    FS_TRY(prover.expect("roundManager", addresses.round_manager));
    Contract registry(node, "ModelRegistry", addresses.model_registry, abis.model_registry);
    return registry.expect("roundManager", addresses.round_manager);
}

}  // namespace fedstake::evm
