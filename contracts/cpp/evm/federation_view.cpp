// View calls, one after the other.
#include "contracts/cpp/evm/federation_view.hpp"

#include <algorithm>

#include "contracts/cpp/evm/leaf_demands.hpp"

namespace fedstake::evm {

namespace {

constexpr RoundNumber kRing = 64;

class Reader {
public:
    Reader(EthNode& node, const ContractAddresses& at, const ContractAbis& abis)
        : node_(node), at_(at), abis_(abis) {}

    Result<std::vector<AbiValue>> rounds(std::string_view function,
                                         std::vector<AbiValue> arguments = {}) {
        return call_view(node_, at_.round_manager, abis_.round_manager, function,
                         std::move(arguments));
    }
    Result<std::vector<AbiValue>> vault(std::string_view function,
                                        std::vector<AbiValue> arguments = {}) {
        return call_view(node_, at_.stake_vault, abis_.stake_vault, function, std::move(arguments));
    }
    Result<std::uint64_t> number(std::string_view function) {
        FS_ASSIGN(const auto result, rounds(function));
        return result[0].as_u64();
    }
    Result<Amount> amount(std::string_view function) {
        FS_ASSIGN(const auto result, rounds(function));
        return result[0].as_amount();
    }

    // Finality does not skip rounds: the newest final one is found by halving.
    Result<RoundNumber> newest_final(RoundNumber head) {
        RoundNumber low = head > kRing ? head - kRing : 0;  // final for sure, or no round at all
        RoundNumber high = head;
        while (low < high) {
            const RoundNumber middle = low + (high - low + 1) / 2;
            FS_ASSIGN(const auto result, rounds("isFinal", {AbiValue::number(middle)}));
            FS_ASSIGN(const bool is_final, result[0].as_bool());
            if (is_final) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    Result<EpochTerms> epoch() {
        EpochTerms terms;
        FS_ASSIGN(const std::uint64_t number, this->number("currentEpoch"));
        terms.number = static_cast<std::uint16_t>(number);
        FS_ASSIGN(const auto result, rounds("epochOf", {AbiValue::number(number)}));
        // (coordinator, threshold, challengeWindow, rulesDigest, auditors)
        FS_ASSIGN(const std::vector<AbiValue> fields, result[0].as_list());
        FS_ASSIGN(terms.coordinator, fields[0].as_address());
        FS_ASSIGN(const std::uint64_t threshold, fields[1].as_u64());
        terms.threshold = static_cast<std::uint32_t>(threshold);
        FS_ASSIGN(terms.challenge_window, fields[2].as_u64());
        FS_ASSIGN(terms.rules_digest, fields[3].as_digest());
        FS_ASSIGN(const std::vector<AbiValue> auditors, fields[4].as_list());
        for (const AbiValue& auditor : auditors) {
            FS_ASSIGN(const Address address, auditor.as_address());
            terms.auditors.push_back(address);
        }
        return terms;
    }

    Result<NewestRound> slot(RoundNumber round) {
        NewestRound newest;
        FS_ASSIGN(const auto result, rounds("slotOf", {AbiValue::number(round)}));
        // (commitment, round, finalAt, voided, signers, rewardTotal, epoch, ...)
        FS_ASSIGN(const std::vector<AbiValue> fields, result[0].as_list());
        FS_ASSIGN(newest.commitment, fields[0].as_digest());
        FS_ASSIGN(newest.final_at, fields[2].as_u64());
        FS_ASSIGN(const std::uint64_t signers, fields[4].as_u64());
        newest.signers = static_cast<std::uint32_t>(signers);
        FS_ASSIGN(newest.reward_total, fields[5].as_amount());
        return newest;
    }

    Result<std::optional<OpenDispute>> dispute() {
        FS_ASSIGN(const std::uint64_t held, number("heldRound"));
        if (held == 0) return std::nullopt;
        OpenDispute open;
        open.round = held;
        FS_ASSIGN(const NewestRound round, slot(held));
        open.commitment = round.commitment;
        FS_ASSIGN(const AssignedContracts assigned, assigned_contracts(node_, at_, abis_));
        const Address disputes = assigned.disputes;
        FS_ASSIGN(const auto result, call_view(node_, disputes, abis_.round_disputes, "disputeOf",
                                               {AbiValue::word(open.commitment)}));
        // (challenger, bond, deadline, signers, epoch, round)
        FS_ASSIGN(const std::vector<AbiValue> fields, result[0].as_list());
        FS_ASSIGN(open.challenger, fields[0].as_address());
        FS_ASSIGN(open.bond, fields[1].as_amount());
        FS_ASSIGN(open.deadline, fields[2].as_u64());
        return open;
    }

    Result<StakeLine> stake(const SiteId& site) {
        StakeLine line;
        line.site = site;
        FS_ASSIGN(const auto account, vault("accountOf", {AbiValue::address(site)}));
        FS_ASSIGN(const auto claimed, rounds("claimed", {AbiValue::address(site)}));
        // (stake, exit, exitReadyAt, openCases, jailed, attestedBps, lastAccusedAt, signer, held)
        FS_ASSIGN(const std::vector<AbiValue> fields, account[0].as_list());
        FS_ASSIGN(line.stake, fields[0].as_amount());
        FS_ASSIGN(line.exiting, fields[1].as_amount());
        FS_ASSIGN(line.exit_ready_at, fields[2].as_u64());
        FS_ASSIGN(const std::uint64_t cases, fields[3].as_u64());
        line.open_cases = static_cast<std::uint32_t>(cases);
        FS_ASSIGN(line.jailed, fields[4].as_bool());
        FS_ASSIGN(line.signer, fields[7].as_address());
        FS_ASSIGN(line.held, fields[8].as_amount());
        FS_ASSIGN(line.claimed, claimed[0].as_amount());
        return line;
    }

private:
    EthNode& node_;
    const ContractAddresses& at_;
    const ContractAbis& abis_;
};

}  // namespace

Result<RoundNumber> newest_final_round(EthNode& node, const ContractAddresses& contracts,
                                       const ContractAbis& abis) {
    Reader reader(node, contracts, abis);
    FS_ASSIGN(const RoundNumber head, reader.number("head"));
    return reader.newest_final(head);
}

Result<FederationView> read_federation(EthNode& node, const ContractAddresses& contracts,
                                       const ContractAbis& abis, const std::vector<SiteId>& sites) {
    FS_TRY(check_contracts(node, contracts));
    Reader reader(node, contracts, abis);
    FederationView view;
    FS_ASSIGN(const BlockHead head, node.latest_block());
    view.block = head.number;
    view.time = head.timestamp;
    FS_ASSIGN(view.head, reader.number("head"));
    FS_ASSIGN(view.final_round, reader.newest_final(view.head));
    if (view.head > 0) {
        FS_ASSIGN(view.newest, reader.slot(view.head));
    }
    FS_ASSIGN(view.epoch, reader.epoch());
    FS_ASSIGN(view.paused_until, reader.number("pausedUntil"));
    FS_ASSIGN(view.dispute, reader.dispute());
    FS_ASSIGN(const AssignedContracts assigned, assigned_contracts(node, contracts, abis));
    FS_ASSIGN(view.demands, DemandDesk(node, contracts, abis, assigned.leaf_demands).open());
    FS_ASSIGN(view.funded, reader.amount("funded"));
    FS_ASSIGN(view.claimed_total, reader.amount("claimedTotal"));
    FS_ASSIGN(const auto bonded, reader.vault("totalBonded"));
    FS_ASSIGN(view.bonded, bonded[0].as_amount());
    FS_ASSIGN(const auto pool, reader.vault("slashPoolBalance"));
    FS_ASSIGN(view.slash_pool, pool[0].as_amount());
    FS_ASSIGN(view.appeal_bond, appeal_bond(node, contracts, abis));
    for (const SiteId& site : sites) {
        FS_ASSIGN(StakeLine line, reader.stake(site));
        view.stakes.push_back(line);
    }
    FS_ASSIGN(view.cases, read_cases(node, contracts, abis, std::nullopt));
    return view;
}

}  // namespace fedstake::evm
