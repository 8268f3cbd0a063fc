// Journal and outbox, joined by the intents' keys.
#include "tests/integration/recorded_operations.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "contracts/cpp/memory_vault.hpp"
#include "coordinator/app/outbox_table.hpp"
#include "coordinator/round/event_codec.hpp"
#include "coordinator/store/event_journal.hpp"

namespace fedstake::testing {

namespace {

using chain::IntentState;

// Every intent that the rounds of this journal led to, by key.
Result<std::map<std::string, chain::Operation>> journaled_intents(
    store::Database& database, const round::MachineConfig& config) {
    std::map<std::string, chain::Operation> intents;
    round::RoundMachine machine(config);
    store::EventJournal journal(database);
    FS_TRY(journal.replay([&](std::uint64_t, Timestamp at, ByteView bytes) -> Status {
        FS_ASSIGN(const auto event, round::decode_event(bytes));
        FS_ASSIGN(const auto actions, machine.step(at, event));
        for (const round::Action& action : actions) {
            if (const auto* post = std::get_if<round::PostIntent>(&action)) {
                intents.insert_or_assign(post->intent.key, post->intent.operation);
            }
        }
        return {};
    }));
    return intents;
}

// The case of "slash/12".
std::optional<chain::Operation> slash_of(const std::string& key) {
    constexpr std::string_view kPrefix = "slash/";
    if (!key.starts_with(kPrefix)) return std::nullopt;
    chain::ExecuteSlash slash;
    const auto read =
        std::from_chars(key.data() + kPrefix.size(), key.data() + key.size(), slash.case_id);
    return read.ec == std::errc() ? std::optional<chain::Operation>(slash) : std::nullopt;
}

// Rejected ones at the end.
auto order_of(const RecordedOperation& operation) {
    return std::pair(operation.state != IntentState::kDone, operation.place);
}

}  // namespace

Result<OperationLog> read_operations(const std::filesystem::path& data_folder,
                                     const round::MachineConfig& config, ChainView& chain) {
    FS_ASSIGN(const auto database, store::Database::open(data_folder / "coordinator.db"));
    FS_ASSIGN(const auto intents, journaled_intents(*database, config));
    FS_ASSIGN(const auto records, coordinator::OutboxTable(*database).load());
    OperationLog log;
    for (const evm::OutboxRecord& record : records) {
        const std::string& key = record.call.key;
        log.transactions += record.mined.is_zero() ? 0U : 1U;
        log.transactions += record.reverts;
        if (key.starts_with("model/")) {
            ++log.releases;
            continue;
        }
        const auto known = intents.find(key);
        const auto operation = known == intents.end() ? slash_of(key) : known->second;
        if (!operation) return fail(Errc::kCorrupt, "nothing in the journal led to " + key);
        RecordedOperation entry{.intent = {key, *operation},
                                .state = record.state,
                                .detail = record.detail,
                                .place = {}};
        if (entry.state == IntentState::kDone && record.mined.is_zero()) {
            return fail(Errc::kCorrupt, key + " was done by somebody else: " + record.detail);
        }
        if (entry.state == IntentState::kDone) {
            FS_ASSIGN(entry.place, chain.place_of(record.mined));
        }
        log.operations.push_back(std::move(entry));
    }
    std::ranges::sort(log.operations, {}, order_of);
    return log;
}

void replay(const OperationLog& log, std::vector<OtherOperation> others,
            chain::MemoryLedger& ledger) {
    std::ranges::stable_sort(others, {}, &OtherOperation::place);
    chain::MemoryChain& chain = ledger.chain();
    auto other = others.begin();
    const auto others_until = [&](const Place& place) {
        for (; other != others.end() && other->place < place; ++other) {
            chain.set_time(std::max(chain.now(), other->place.time));
            const Status done = other->perform(chain);
            EXPECT_TRUE(done) << done.error().message;
        }
    };
    for (const RecordedOperation& entry : log.operations) {
        if (entry.state == IntentState::kDone) {
            others_until(entry.place);
            chain.set_time(std::max(chain.now(), entry.place.time));
        }
        ASSERT_TRUE(ledger.submit(entry.intent)) << entry.intent.key;
        ASSERT_TRUE(ledger.pump());
        const auto status = ledger.status(entry.intent.key);
        ASSERT_TRUE(status);
        EXPECT_EQ(chain::intent_state_name(status->state), chain::intent_state_name(entry.state))
            << entry.intent.key << "\nmodel: " << status->detail << "\nchain: " << entry.detail;
    }
    others_until({.block = UINT64_MAX});
}

void expect_equal_balances(chain::MemoryLedger& model, ChainView& chain,
                           const std::vector<Address>& accounts, const std::vector<SiteId>& sites) {
    chain::MemoryChain& memory = model.chain();
    const auto text = [](Amount amount) { return amount_to_string(amount); };
    for (const Address& account : accounts) {
        EXPECT_EQ(text(memory.token().balance_of(account)), text(chain.tokens_of(account)))
            << "tokens of " << account.hex();
        EXPECT_EQ(text(memory.vault().bounty_of(account)), text(chain.bounty_of(account)))
            << "bounty of " << account.hex();
    }
    for (const SiteId& site : sites) {
        const auto wanted = model.stake_of(site);
        ASSERT_TRUE(wanted) << wanted.error().message;
        const chain::StakeAccount found = chain.account_of(site);
        EXPECT_EQ(text(wanted->stake), text(found.stake)) << "stake of " << site.hex();
        EXPECT_EQ(text(wanted->exiting), text(found.exiting)) << site.hex();
        EXPECT_EQ(text(wanted->claimed), text(found.claimed)) << "claimed by " << site.hex();
        EXPECT_EQ(wanted->jailed, found.jailed) << site.hex();
        EXPECT_EQ(wanted->open_cases, found.open_cases) << site.hex();
        EXPECT_EQ(wanted->signer, found.signer) << site.hex();
    }
    EXPECT_EQ(text(memory.vault().total_bonded()), text(chain.total_bonded()));
    EXPECT_EQ(text(memory.vault().slash_pool_balance()), text(chain.slash_pool()));
    Amount owed = memory.vault().total_bonded() + memory.vault().slash_pool_balance();
    for (const Address& account : accounts) owed += memory.vault().bounty_of(account);
    EXPECT_EQ(text(owed), text(chain.tokens_of(chain.at().stake_vault))) << "tokens of the vault";
    EXPECT_EQ(memory.head(), chain.head());
    EXPECT_EQ(memory.committed(memory.head()).value_or(Digest{}), chain.committed(chain.head()));
}

}  // namespace fedstake::testing
