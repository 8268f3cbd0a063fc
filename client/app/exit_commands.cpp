// exit and withdraw: stake on its way out, and paid out.
#include <iostream>
#include <vector>

#include <fmt/format.h>

#include "client/app/owner_access.hpp"
#include "client/app/owner_commands.hpp"
#include "contracts/cpp/evm/slash_cases.hpp"
#include "contracts/cpp/utc_text.hpp"

namespace fedstake::client {

namespace {

using chain::utc_text;

void print(const OwnerOptions& options, const evm::SiteAccount& account, evm::Json json,
           const std::string& text) {
    if (options.json) {
        json["dry_run"] = options.dry_run;
        json["steps"] = steps_json(account);
        std::cout << json.dump() << "\n";
    } else {
        std::cout << text << "\n" << steps_text(account);
    }
}

Result<std::uint64_t> unbonding(evm::SiteAccount& account) {
    FS_ASSIGN(const auto delay, evm::call_view(account.node(), account.contracts().stake_vault,
                                               account.abis().stake_vault, "unbondingDelay", {}));
    return delay[0].as_u64();
}

Result<std::vector<evm::TriedCase>> open_cases(evm::SiteAccount& account) {
    FS_ASSIGN(
        std::vector<evm::TriedCase> cases,
        evm::read_cases(account.node(), account.contracts(), account.abis(), account.address()));
    std::erase_if(cases, [](const evm::TriedCase& tried) { return !tried.open(); });
    return cases;
}

// "case 0x12ab34cd of round 3 may take 200 wei (...)", one line each.
Result<std::string> what_is_held(evm::SiteAccount& account) {
    FS_ASSIGN(const auto cases, open_cases(account));
    FS_ASSIGN(const Amount bond,
              evm::appeal_bond(account.node(), account.contracts(), account.abis()));
    FS_ASSIGN(const evm::BlockHead head, account.node().latest_block());
    std::string text;
    for (const evm::TriedCase& tried : cases) {
        text += fmt::format("\n  case {} of round {}: {}", tried.id.short_hex(), tried.round,
                            evm::next_step(tried, bond, head.timestamp));
    }
    return text;
}

evm::Json case_list(const std::vector<evm::TriedCase>& cases) {
    evm::Json list = evm::Json::array();
    for (const evm::TriedCase& tried : cases) {
        list.push_back({{"case", tried.id.hex()}, {"amount", amount_to_string(tried.amount)}});
    }
    return list;
}

}  // namespace

Status exit_stake(const OwnerOptions& options, std::optional<Amount> amount,
                  const std::atomic<bool>& stop) {
    FS_ASSIGN(const auto access, OwnerAccess::open(options.config, stop));
    evm::SiteAccount& account = *access->account;
    if (options.dry_run) account.dry_run();
    FS_ASSIGN(const evm::SiteStanding before, account.standing());
    const Amount wanted = amount.value_or(before.stake);
    if (wanted == 0 || wanted > before.stake) {
        return fail(Errc::kInvalidInput,
                    fmt::format("site '{}' has {} wei of active stake ({} wei are on their way out "
                                "already): {}",
                                access->site.entry.name, amount_to_string(before.stake),
                                amount_to_string(before.exiting),
                                before.stake == 0 ? "nothing is left to exit"
                                                  : "name an --amount from 1 to that"));
    }
    FS_TRY(account.request_exit(wanted));
    FS_ASSIGN(const evm::SiteStanding after, account.standing());
    FS_ASSIGN(const std::uint64_t delay, unbonding(account));
    const std::string out = amount_to_string(before.exiting + wanted);
    const std::string left = amount_to_string(before.stake - wanted);
    std::string text = fmt::format("{} of {} wei, {} wei stay at stake\n",
                                   options.dry_run ? "would start the exit" : "exit started",
                                   amount_to_string(wanted), left);
    text += options.dry_run
                ? fmt::format("all {} wei on their way out could be withdrawn {} s after that", out,
                              delay)
                : fmt::format("all {} wei on their way out can be withdrawn from {} on", out,
                              utc_text(after.exit_ready_at));
    text += "; until they are withdrawn they can be slashed";
    if (before.exiting > 0) text += "\nthe delay starts anew for what was on its way out before";
    print(options, account,
          {{"site", account.address().hex()},
           {"amount", amount_to_string(wanted)},
           {"stake", left},
           {"exiting", out},
           {"ready_at", options.dry_run ? 0 : after.exit_ready_at},
           {"unbonding_s", delay}},
          text);
    return {};
}

Status withdraw(const OwnerOptions& options, const std::atomic<bool>& stop) {
    FS_ASSIGN(const auto access, OwnerAccess::open(options.config, stop));
    evm::SiteAccount& account = *access->account;
    if (options.dry_run) account.dry_run();
    FS_ASSIGN(const evm::SiteStanding before, account.standing());
    if (before.exiting == 0) {
        return fail(Errc::kNotNow,
                    fmt::format("site '{}' has no stake on its way out, {} wei are staked: "
                                "`fedstake-client exit` comes first",
                                access->site.entry.name, amount_to_string(before.stake)));
    }
    const Status paid = account.withdraw();
    if (!paid) {
        FS_ASSIGN(const std::string held, what_is_held(account));
        return fail(
            paid.error().code,
            fmt::format("{} wei are on their way out, ready at {}, of which slash cases "
                        "leave {} wei free\n  {}{}",
                        amount_to_string(before.exiting), utc_text(before.exit_ready_at),
                        amount_to_string(before.withdrawable()), paid.error().message, held));
    }
    const Amount left = before.exiting - before.withdrawable();
    std::string text =
        fmt::format("{} {} wei to {}", options.dry_run ? "would pay" : "paid",
                    amount_to_string(before.withdrawable()), account.address().hex());
    FS_ASSIGN(const auto cases, open_cases(account));
    if (left > 0) {
        FS_ASSIGN(const std::string held, what_is_held(account));
        text += fmt::format("\n{} wei stay until these cases are decided:{}",
                            amount_to_string(left), held);
    }
    print(options, account,
          {{"site", account.address().hex()},
           {"paid", amount_to_string(before.withdrawable())},
           {"held", amount_to_string(left)},
           {"cases", case_list(cases)}},
          text);
    return {};
}

}  // namespace fedstake::client
