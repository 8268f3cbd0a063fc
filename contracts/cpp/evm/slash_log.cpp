// Slash events, oldest first.
#include "contracts/cpp/evm/slash_log.hpp"

#include <algorithm>

#include "contracts/cpp/case_id.hpp"

namespace fedstake::evm {

using chain::SlashCase;
using chain::SlashState;

namespace {

// Deeper than any reorganisation that is not an emergency.
constexpr std::uint64_t kReorgDepth = 64;

// Requests for old blocks in one read: some seconds at most, whoever waits for the ledger.
constexpr unsigned kPagesPerRead = 32;

Result<SlashCase> parse_proposed(const DecodedEvent& event, const Digest& case_id) {
    SlashCase opened;
    opened.digest = case_id;
    opened.id = chain::case_number(case_id);
    opened.state = SlashState::kPending;
    FS_ASSIGN(const AbiValue account, event.field("account"));
    FS_ASSIGN(opened.site, account.as_address());
    FS_ASSIGN(const AbiValue bps, event.field("bps"));
    FS_ASSIGN(const std::uint64_t bps_value, bps.as_u64());
    opened.bps = static_cast<std::uint16_t>(bps_value);
    FS_ASSIGN(const AbiValue after, event.field("executeAfter"));
    FS_ASSIGN(opened.execute_after, after.as_u64());
    return opened;
}

}  // namespace

Status SlashLog::apply(std::vector<SlashCase>& cases, const Log& log) const {
    FS_ASSIGN(const auto event, vault_.decode_event(log.topics, log.data));
    if (!event) return {};
    const bool proposed = event->name == "SlashProposed";
    const bool vetoed = event->name == "SlashVetoed";
    const bool executed = event->name == "SlashExecuted";
    const bool dropped = event->name == "SlashDropped";
    const bool postponed = event->name == "SlashPostponed";
    if (!proposed && !vetoed && !executed && !dropped && !postponed) return {};

    FS_ASSIGN(const AbiValue id_value, event->field("caseId"));
    FS_ASSIGN(const Digest case_id, id_value.as_digest());
    const auto known = std::find_if(cases.begin(), cases.end(), [&](const SlashCase& entry) {
        return entry.digest == case_id;
    });
    if (proposed != (known == cases.end())) {
        return fail(Errc::kCorrupt, "the node's slash events do not fit together (case " +
                                        case_id.short_hex() + "): is deployed_block right?");
    }
    if (proposed) {
        FS_ASSIGN(SlashCase opened, parse_proposed(*event, case_id));
        cases.push_back(std::move(opened));
        return {};
    }
    if (postponed) {
        FS_ASSIGN(const AbiValue after, event->field("executeAfter"));
        FS_ASSIGN(known->execute_after, after.as_u64());
        return {};
    }
    known->state = vetoed    ? SlashState::kVetoed
                   : dropped ? SlashState::kDropped
                             : SlashState::kExecuted;
    if (executed) {
        FS_ASSIGN(const AbiValue amount, event->field("amount"));
        FS_ASSIGN(known->amount, amount.as_amount());
    }
    return {};
}

Status SlashLog::advance(EthNode& node, std::uint64_t last_block) {
    FS_ASSIGN(const LogPage page, node.log_page({vault_address_, {}, next_block_, last_block}));
    std::vector<SlashCase> cases = settled_;
    for (const Log& log : page.logs) FS_TRY(apply(cases, log));
    settled_ = std::move(cases);
    next_block_ = page.last_block + 1;
    return {};
}

Result<std::vector<SlashCase>> SlashLog::read(EthNode& node) {
    FS_ASSIGN(const BlockHead head, node.latest_block());
    const std::uint64_t settled_end =
        head.number > kReorgDepth ? head.number - kReorgDepth : std::uint64_t{0};
    for (unsigned pages = 0; next_block_ < settled_end; ++pages) {
        if (pages == kPagesPerRead) {
            return fail(Errc::kNotNow, "slash events are read up to block " +
                                           std::to_string(next_block_) + " of " +
                                           std::to_string(head.number) + " so far");
        }
        FS_TRY(advance(node, settled_end - 1));
    }
    std::vector<SlashCase> cases = settled_;
    for (std::uint64_t next = next_block_; next <= head.number;) {
        FS_ASSIGN(const LogPage page, node.log_page({vault_address_, {}, next, head.number}));
        for (const Log& log : page.logs) FS_TRY(apply(cases, log));
        next = page.last_block + 1;
    }
    return cases;
}

}  // namespace fedstake::evm
