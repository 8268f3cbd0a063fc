// A long run with a poisoner, a free-rider and an equivocator, and a coordinator that is killed
// again and again: at the end the contracts hold, to the wei, what the reference model makes of the
// same operations.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "coordinator/store/round_table.hpp"
#include "proto/base/rng.hpp"
#include "tests/integration/hand_written_site.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/recorded_operations.hpp"
#include "tests/integration/rpc_proxy.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPoisoner = 4;
constexpr std::size_t kFreeRider = 5;
constexpr std::size_t kEquivocator = 6;
constexpr std::uint64_t kSendsToAKill = 11;

std::uint32_t rounds_wanted() {
    const char* configured = std::getenv("FEDSTAKE_CHAIN_ROUNDS");
    return configured == nullptr
               ? 100U
               : static_cast<std::uint32_t>(std::strtoul(configured, nullptr, 10));
}

// Takes part by hand in every round that it is asked for; in some it signs two updates.
class EquivocatingSite {
public:
    EquivocatingSite(demo::Federation& federation, std::size_t rows) : rows_(rows) {
        thread_ = std::thread([this, &federation] { run(federation); });
    }
    ~EquivocatingSite() {
        stop_ = true;
        thread_.join();
    }
    EquivocatingSite(const EquivocatingSite&) = delete;
    EquivocatingSite& operator=(const EquivocatingSite&) = delete;

private:
    void run(demo::Federation& federation) {
        auto site = HandWrittenSite::join(federation, federation.sites()[kEquivocator]);
        if (!site) {
            ADD_FAILURE() << site.error().message;
            return;
        }
        while (!stop_) {
            const auto opened = (*site)->receive<wire::RoundOpen>(1s);
            if (!opened) continue;
            const auto context = rules::RoundContext::decode(opened->context);
            const auto* member = context ? context->find((*site)->site()) : nullptr;
            if (member != nullptr && !member->barred) take_part(**site, *context);
        }
    }

    void take_part(HandWrittenSite& site, const rules::RoundContext& context) {
        Rng rng(1000 * context.round + context.attempt);
        const auto values = [&] {
            std::vector<std::int32_t> update;
            for (std::size_t i = 0; i < rows_; ++i) {
                update.push_back(static_cast<std::int32_t>(rng.below(200'000)) - 100'000);
            }
            return update;
        };
        const auto first = values();
        const auto second = values();
        if (context.round % 10 == 3) {
            (void)site.offer(site.update_for(context, first), first);
            (void)site.offer(site.update_for(context, second), second);
            return;
        }
        (void)site.upload(site.update_for(context, first), first, 2s);
    }

    std::size_t rows_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

class HundredRounds : public ::testing::Test {
protected:
    void found(std::uint32_t rounds) {
        demo::Options options = small_options();
        options.rounds = rounds;
        options.sites = 7;
        options.quorum = 3;
        options.chain = true;
        options.collect_deadline_ms = 20'000;
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(parts().found());
        auto chain = ChainView::open(parts());
        FS_ASSERT_OK(chain);
        chain_ = *std::move(chain);
        founded_at_ = chain_->time();
        auto proxy = RpcProxy::start(
            "http://127.0.0.1:" + std::to_string(parts().ports().chain), [](std::uint64_t number) {
                if (number % kSendsToAKill != 0) return RpcProxy::AtSend::kPass;
                return number / kSendsToAKill % 2 == 0 ? RpcProxy::AtSend::kKillAfter
                                                       : RpcProxy::AtSend::kKillBefore;
            });
        FS_ASSERT_OK(proxy);
        proxy_ = *std::move(proxy);
        point_coordinator_at(proxy_->url());
    }

    demo::Federation& parts() { return running_->parts(); }
    [[nodiscard]] std::filesystem::path config() {
        return parts().coordinator_folder() / "coordinator.toml";
    }

    void point_coordinator_at(const std::string& url) {
        std::string text = read_text(config());
        const std::string old = "http://127.0.0.1:" + std::to_string(parts().ports().chain);
        const auto at = text.find(old);
        ASSERT_NE(at, std::string::npos) << text;
        write_text(config(), text.replace(at, old.size(), url));
    }

    void start_attacker(std::size_t site, const std::string& attack) {
        const auto folder = parts().site_folder(parts().sites()[site]);
        auto process = demo::Process::start(
            {.name = attack,
             .program = bin_dir() / "fedstake-attacker",
             .arguments = {"--config", (folder / "client.toml").string(), "--attack", attack},
             .log = folder / "run.log"});
        FS_ASSERT_OK(process);
        parts().clients().push_back(*std::move(process));
    }

    void start_everybody() {
        restart_coordinator();
        for (std::size_t site = 0; site < kPoisoner; ++site) {
            FS_ASSERT_OK(parts().start_site(parts().sites()[site]));
        }
        start_attacker(kPoisoner, "sign_flip");
        start_attacker(kFreeRider, "free_ride");
    }

    void restart_coordinator() {
        FS_ASSERT_OK(parts().start_coordinator(demo::Federation::CoordinatorMode::kRounds));
        proxy_->aim_at(parts().coordinator().pid());
    }

    // Until the coordinator ends by itself, starting it again after every kill.
    void run_to_the_end(std::chrono::seconds limit) {
        const auto end = std::chrono::steady_clock::now() + limit;
        Rng rng(7);
        auto next_kill = std::chrono::steady_clock::now() + 6s;
        for (;;) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << running_->log();
            const auto code = parts().coordinator().wait_for(100ms);
            if (!code) {
                if (std::chrono::steady_clock::now() > next_kill) {
                    next_kill += std::chrono::milliseconds(4'000 + rng.below(4'000));
                    proxy_->aim_at(0);
                    parts().coordinator().signal(SIGKILL);
                    ++random_kills_;
                }
                lift_jail();
                continue;
            }
            proxy_->aim_at(0);
            if (*code == 0) return;
            ASSERT_EQ(*code, 128 + SIGKILL) << running_->log();
            restart_coordinator();
        }
    }

    // Twice, so that the equivocator is caught again.
    void lift_jail() {
        if (unjailed_ >= 2) return;
        const SiteId site = equivocator();
        if (!chain_->account_of(site).jailed) return;
        const crypto::SigningKey council = evm::dev_key(0);
        const auto place =
            chain_->send(council, chain_->at().stake_vault, chain_->abis().stake_vault, "unjail",
                         {evm::AbiValue::address(site)});
        FS_ASSERT_OK(place);
        others_.push_back({*place, [site](chain::MemoryChain& model) {
                               return model.vault().unjail(model.options().council, site);
                           }});
        ++unjailed_;
    }

    const manifest::SiteEntry& entry_of(const demo::DemoSite& site) {
        const auto& sites = parts().manifest().sites;
        return *std::ranges::find(sites, site.name, &manifest::SiteEntry::name);
    }
    SiteId equivocator() { return entry_of(parts().sites()[kEquivocator]).owner; }

    // Every site claims; the same on the model, from the coordinator's record of the last round.
    void claim_everything(std::uint32_t rounds) {
        std::map<SiteId, Place> claimed_at;
        FS_ASSERT_OK(parts().start_coordinator(demo::Federation::CoordinatorMode::kServe));
        for (const demo::DemoSite& site : parts().sites()) {
            const ProgramOutput output = run_program(
                "fedstake-client",
                {"claim", "--config", (parts().site_folder(site) / "client.toml").string()});
            EXPECT_EQ(output.exit_code, 0) << output.text;
            claimed_at[entry_of(site).owner] = {.block = UINT64_MAX - 1, .time = chain_->time()};
        }
        parts().coordinator().stop();
        const auto database =
            store::Database::open(parts().coordinator_folder() / "data" / "coordinator.db");
        FS_ASSERT_OK(database);
        const auto record = store::RoundTable(**database).get(rounds);
        FS_ASSERT_OK(record);
        for (const auto& [site, place] : claimed_at) {
            const auto claim = rules::claim_for(record->context, record->settlement, site);
            if (!claim) continue;  // earned nothing
            const chain::ClaimReward operation{.commitment = record->commitment, .claim = *claim};
            others_.push_back(
                {place, [operation](chain::MemoryChain& model) { return model.claim(operation); }});
        }
    }

    std::shared_ptr<chain::MemoryChain> model_at_the_start(std::uint32_t rounds) {
        const manifest::Manifest& manifest = parts().manifest();
        chain::MemoryChainOptions options;
        options.federation = manifest.federation;
        options.domain = manifest.domain();
        options.coordinator = manifest.coordinator;
        options.council = evm::dev_key(0).address();
        options.slash_pool = burnt_;
        options.auditors = manifest.auditors();
        options.threshold = manifest.rules.schedule.auditors_needed;
        options.unbonding_delay = chain_->window(0);
        options.challenge_window = chain_->window(1);
        options.slash_delay = chain_->window(3);
        options.evidence_age = chain_->window(5);
        options.accusation_bps_max = manifest.rules.settlement.slash_bps_max;
        options.start_time = founded_at_;
        auto model = std::make_shared<chain::MemoryChain>(options);
        const Amount fund = Amount{rounds} * 10 * kToken;
        EXPECT_TRUE(model->token().mint(options.council, fund));
        EXPECT_TRUE(model->fund(options.council, fund));
        for (const demo::DemoSite& site : parts().sites()) {
            const manifest::SiteEntry& entry = entry_of(site);
            EXPECT_TRUE(model->token().mint(entry.owner, kStake));
            EXPECT_TRUE(model->vault().set_signer(entry.owner, entry.signer));
            EXPECT_TRUE(model->vault().stake(entry.owner, kStake));
        }
        return model;
    }

    // Bounties and the pool, on both sides.
    void empty_the_vault() {
        const crypto::SigningKey council = evm::dev_key(0);
        const Address coordinator = parts().manifest().coordinator;
        if (chain_->bounty_of(coordinator) > 0) {
            FS_ASSERT_OK(chain_->send(council, chain_->at().stake_vault, chain_->abis().stake_vault,
                                      "payBounty", {evm::AbiValue::address(coordinator)}));
            others_.push_back({last_, [coordinator](chain::MemoryChain& model) {
                                   return model.vault().pay_bounty(coordinator);
                               }});
        }
        if (chain_->slash_pool() > 0) {
            FS_ASSERT_OK(chain_->send(council, chain_->at().stake_vault, chain_->abis().stake_vault,
                                      "sweepSlashPool", {}));
            others_.push_back({last_, [](chain::MemoryChain& model) {
                                   return model.vault().sweep_slash_pool();
                               }});
        }
    }

    // What happened, for the log of the test.
    void describe(const OperationLog& log) {
        std::map<std::string, int> counts;
        for (const RecordedOperation& entry : log.operations) {
            const std::string& key = entry.intent.key;
            ++counts[key.substr(0, key.find('/')) + "/" +
                     std::string(chain::intent_state_name(entry.state))];
        }
        for (const auto& [name, count] : counts) RecordProperty(name, count);
        RecordProperty("kills_at_random", random_kills_);
        RecordProperty("kills_at_a_send", static_cast<int>(proxy_->kills().size()));
        for (const auto& [name, count] : counts) std::cout << "  " << name << " " << count << "\n";
        std::cout << "  killed at a send " << proxy_->kills().size() << ", at random "
                  << random_kills_ << "\n";
    }

    const Address burnt_ = *Address::parse("0x000000000000000000000000000000000000dEaD");
    const Place last_{.block = UINT64_MAX - 1, .index = UINT64_MAX, .time = 0};
    std::unique_ptr<RunningFederation> running_;
    std::unique_ptr<ChainView> chain_;
    std::unique_ptr<RpcProxy> proxy_;
    std::uint64_t founded_at_ = 0;
    std::vector<OtherOperation> others_;
    int unjailed_ = 0;
    int random_kills_ = 0;
};

TEST_F(HundredRounds, KillsAndCheatsLeaveTheBalancesOfTheReferenceModelToTheWei) {
    if (!evm::find_anvil()) GTEST_SKIP() << "needs anvil: run npm ci in contracts/";
    const std::uint32_t rounds = rounds_wanted();
    ASSERT_NO_FATAL_FAILURE(found(rounds));
    ASSERT_NO_FATAL_FAILURE(start_everybody());
    {
        const EquivocatingSite equivocator(parts(), parts().manifest().rules.coordinates);
        ASSERT_NO_FATAL_FAILURE(run_to_the_end(60s + 3s * rounds));
    }
    for (const RpcProxy::Kill& kill : proxy_->kills()) {
        EXPECT_TRUE(kill.when == RpcProxy::AtSend::kKillAfter || kill.sent_again)
            << "signed before a kill, and never sent: " << kill.raw.substr(0, 80);
    }
    EXPECT_GE(proxy_->kills().size(), rounds / kSendsToAKill);
    ASSERT_NO_FATAL_FAILURE(claim_everything(rounds));
    ASSERT_NO_FATAL_FAILURE(empty_the_vault());

    const manifest::Manifest& manifest = parts().manifest();
    round::MachineConfig config;
    config.federation = manifest.federation;
    config.domain = manifest.domain();
    config.rules = manifest.rules;
    const auto log = read_operations(parts().coordinator_folder() / "data", config, *chain_);
    FS_ASSERT_OK(log);
    describe(*log);
    EXPECT_EQ(log->transactions, chain_->transactions_of(manifest.coordinator))
        << "each intent is on the chain once";
    EXPECT_EQ(chain_->head(), rounds);
    EXPECT_EQ(chain_->count_events(chain_->at().round_manager, chain_->abis().round_manager,
                                   "RoundCommitted"),
              rounds);

    chain::MemoryLedger model(model_at_the_start(rounds), manifest.coordinator);
    ASSERT_NO_FATAL_FAILURE(replay(*log, std::move(others_), model));
    std::vector<SiteId> sites;
    for (const manifest::SiteEntry& site : manifest.sites) sites.push_back(site.owner);
    std::vector<Address> accounts = sites;
    accounts.insert(accounts.end(), {manifest.coordinator, evm::dev_key(0).address(), burnt_,
                                     manifest.chain.round_manager});
    expect_equal_balances(model, *chain_, accounts, sites);
    EXPECT_LT(chain_->account_of(equivocator()).stake, kStake) << "never caught";
    EXPECT_LT(chain_->account_of(entry_of(parts().sites()[kPoisoner]).owner).stake, kStake)
        << "the poisoner was never slashed";
}

}  // namespace
}  // namespace fedstake::testing
