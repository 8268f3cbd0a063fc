// appeal: the site's slash cases, and what it can do about them.
#include <algorithm>
#include <iostream>
#include <vector>

#include <fmt/format.h>

#include "client/app/owner_access.hpp"
#include "client/app/owner_commands.hpp"
#include "contracts/cpp/evm/slash_cases.hpp"

namespace fedstake::client {

namespace {

using evm::TriedCase;

constexpr std::size_t kPrefixLeast = 6;  // "0x" and two bytes

std::string kind_name(std::uint16_t kind) {
    return kind == 2 ? "poisoning" : kind == 3 ? "free-riding" : fmt::format("kind {}", kind);
}

evm::Json case_json(const TriedCase& tried, const std::string& next) {
    return {{"case", tried.id.hex()},
            {"round", tried.round},
            {"kind", kind_name(tried.kind)},
            {"bps", tried.bps},
            {"amount", amount_to_string(tried.amount)},
            {"evidence", tried.evidence.hex()},
            {"accusers", tried.accusers},
            {"state", evm::case_state_name(tried.state)},
            {"stage", evm::trial_stage_name(tried.stage)},
            {"execute_after", tried.execute_after},
            {"deadline", tried.deadline},
            {"round_voided", tried.round_voided},
            {"bond", amount_to_string(tried.bond)},
            {"next", next}};
}

std::string case_text(const TriedCase& tried, const std::string& next) {
    return fmt::format(
        "case {}\n  round {}, {}: {} wei ({:g} % of the stake)\n  {} in the vault, {} "
        "in the court: {}\n",
        tried.id.hex(), tried.round, kind_name(tried.kind), amount_to_string(tried.amount),
        tried.bps / 100.0, evm::case_state_name(tried.state), evm::trial_stage_name(tried.stage),
        next);
}

void list_cases(const OwnerOptions& options, const std::vector<TriedCase>& cases, Amount bond,
                std::uint64_t now) {
    evm::Json list = evm::Json::array();
    std::string text;
    for (const TriedCase& tried : cases) {
        const std::string next = evm::next_step(tried, bond, now);
        list.push_back(case_json(tried, next));
        if (tried.open() || tried.bond_left()) text += case_text(tried, next);
    }
    const auto open = std::ranges::count_if(cases, &TriedCase::open);
    if (options.json) {
        std::cout << evm::Json{{"open", open},
                               {"appeal_bond", amount_to_string(bond)},
                               {"cases", list}}
                         .dump()
                  << "\n";
        return;
    }
    std::cout << text
              << fmt::format(
                     "{} open, {} closed{}\n", open, cases.size() - static_cast<std::size_t>(open),
                     open > 0 ? "; appeal with --case 0x..., the first digits are enough" : "");
}

Result<TriedCase> find_case(const std::vector<TriedCase>& cases, const std::string& prefix) {
    std::vector<const TriedCase*> found;
    if (prefix.size() >= kPrefixLeast) {
        for (const TriedCase& tried : cases) {
            if (tried.id.hex().starts_with(prefix)) found.push_back(&tried);
        }
    }
    if (found.size() == 1) return *found.front();
    return fail(found.empty() ? Errc::kNotFound : Errc::kInvalidInput,
                fmt::format("--case {}: {} of this site's {} cases begin so; `appeal` without "
                            "--case lists them, and at least four digits after 0x are needed",
                            prefix, found.size(), cases.size()));
}

Status close_case(evm::SiteAccount& account, const TriedCase& tried) {
    if (tried.open() && tried.round_voided) return account.drop_voided(tried);
    return tried.open() ? account.lapse(tried.id) : account.settle_vetoed(tried.id);
}

}  // namespace

Status appeal(const AppealOptions& options, const std::atomic<bool>& stop) {
    if (options.escalate && options.close) {
        return fail(Errc::kInvalidInput, "--escalate and --close exclude each other");
    }
    FS_ASSIGN(const auto access, OwnerAccess::open(options.common.config, stop));
    evm::SiteAccount& account = *access->account;
    if (options.common.dry_run) account.dry_run();
    FS_ASSIGN(const auto cases, evm::read_cases(account.node(), account.contracts(), account.abis(),
                                                account.address()));
    FS_ASSIGN(const Amount bond,
              evm::appeal_bond(account.node(), account.contracts(), account.abis()));
    FS_ASSIGN(const evm::BlockHead head, account.node().latest_block());
    if (options.case_id.empty()) {
        if (options.escalate || options.close) {
            return fail(Errc::kInvalidInput, "name the case with --case 0x...");
        }
        list_cases(options.common, cases, bond, head.timestamp);
        return {};
    }
    FS_ASSIGN(const TriedCase tried, find_case(cases, options.case_id));
    const Amount pays = options.close ? 0 : options.escalate ? 2 * bond : bond;
    FS_TRY(options.close      ? close_case(account, tried)
           : options.escalate ? account.escalate(tried.id, pays)
                              : account.appeal(tried.id, pays));
    FS_ASSIGN(const auto now, evm::read_cases(account.node(), account.contracts(), account.abis(),
                                              account.address()));
    FS_ASSIGN(const TriedCase after, find_case(now, tried.id.hex()));
    const std::string next = evm::next_step(after, bond, head.timestamp);
    if (options.common.json) {
        evm::Json json = case_json(after, next);
        json["paid"] = amount_to_string(pays);
        json["dry_run"] = options.common.dry_run;
        json["steps"] = steps_json(account);
        std::cout << json.dump() << "\n";
    } else {
        const char* const verb = options.close      ? "closed"
                                 : options.escalate ? "escalated to the governor"
                                                    : "appealed";
        const std::string bond_text =
            pays > 0
                ? fmt::format("; bond {} wei, which comes back unless the accusation is upheld",
                              amount_to_string(pays))
                : "; a bond that lay in the court goes back to the site";
        std::cout << (options.common.dry_run ? "would be " : "") << verb << bond_text << "\n"
                  << case_text(after, next) << steps_text(account);
    }
    return {};
}

}  // namespace fedstake::client
