// Life of the demo's federation: training, checking, settling. Founding is in founding.cpp.
#include "demo/federation.hpp"

#include <csignal>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/evm_ledger.hpp"

namespace fedstake::demo {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLookEvery{50};
constexpr std::chrono::seconds kRoundLimit{60};
constexpr std::chrono::seconds kSettleLimit{120};
constexpr std::chrono::seconds kClientExitLimit{30};
constexpr std::chrono::seconds kCommandLimit{60};

}  // namespace

Federation::Federation(Options options, std::filesystem::path folder, const std::atomic<bool>& stop)
    : options_(std::move(options)), folder_(std::move(folder)), stop_(stop) {}

Federation::~Federation() {
    // Sites first, then the coordinator, then the chain: nobody complains about a lost peer.
    for (Process& client : clients_) client.signal(SIGTERM);
    clients_.clear();
    coordinator_.reset();
    chain_.reset();
}

std::filesystem::path Federation::site_folder(const DemoSite& site) const {
    return folder_ / "sites" / site.name;
}

std::filesystem::path Federation::program(const char* name) const {
    return options_.bin_dir / name;
}

Status Federation::interrupted() const {
    return fail(Errc::kUnavailable, "interrupted");
}

Status Federation::start_site(const DemoSite& site) {
    const std::filesystem::path folder = site_folder(site);
    Command command{.name = "site " + site.name,
                    .program = program(site.attacker ? "fedstake-attacker" : "fedstake-client"),
                    .arguments = {},
                    .log = folder / "run.log"};
    if (!site.attacker) command.arguments.emplace_back("run");
    for (const std::string& word : {std::string("--config"), (folder / "client.toml").string(),
                                    std::string("--result"), (folder / "result.json").string()}) {
        command.arguments.push_back(word);
    }
    if (site.attacker) {
        for (const std::string& word : {std::string("--attack"), options_.attack,
                                        std::string("--seed"), std::to_string(options_.seed)}) {
            command.arguments.push_back(word);
        }
    }
    FS_ASSIGN(Process process, Process::start(command));
    clients_.push_back(std::move(process));
    return {};
}

Status Federation::train() {
    FS_TRY(start_coordinator(CoordinatorMode::kRounds));
    for (const DemoSite& site : sites_) FS_TRY(start_site(site));
    FS_TRY(wait_for_rounds());
    return collect_results();
}

Status Federation::wait_for_rounds() {
    const auto limit =
        std::chrono::steady_clock::now() + kRoundLimit * options_.rounds + kSettleLimit;
    while (!coordinator_->poll()) {
        if (stop_) return interrupted();
        for (Process& client : clients_) {
            const auto code = client.poll();
            if (code && *code != 0) {
                return fail(Errc::kUnavailable, client.name() + " ended with exit code " +
                                                    std::to_string(*code) + ":\n" +
                                                    log_tail(client.log(), 8));
            }
        }
        if (std::chrono::steady_clock::now() > limit) {
            return fail(Errc::kUnavailable,
                        "the rounds did not end in time; see " + coordinator_->log().string());
        }
        std::this_thread::sleep_for(kLookEvery);
    }
    if (const int code = *coordinator_->poll(); code != 0) {
        return fail(Errc::kUnavailable, "the coordinator ended with exit code " +
                                            std::to_string(code) + ":\n" +
                                            log_tail(coordinator_->log(), 12));
    }
    return {};
}

Status Federation::collect_results() {
    for (Process& client : clients_) {
        const auto code = client.wait_for(kClientExitLimit);
        if (!code)
            return fail(Errc::kUnavailable,
                        client.name() + " did not end; see " + client.log().string());
        if (*code != 0) {
            return fail(Errc::kUnavailable, client.name() + " ended with exit code " +
                                                std::to_string(*code) + ":\n" +
                                                log_tail(client.log(), 8));
        }
    }
    FS_ASSIGN(record_.rounds, read_rounds(events_file()));
    if (record_.rounds.size() != options_.rounds) {
        return fail(Errc::kInternal, "the event log has " + std::to_string(record_.rounds.size()) +
                                         " rounds instead of " + std::to_string(options_.rounds));
    }
    for (std::size_t i = 0; i < sites_.size(); ++i) {
        FS_TRY(read_site_result(site_folder(sites_[i]) / "result.json", record_.sites[i]));
    }
    return {};
}

Status Federation::client(const DemoSite& site, const std::string& verb,
                          std::vector<std::string> arguments) {
    std::vector<std::string> words = {verb, "--config",
                                      (site_folder(site) / "client.toml").string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_to_end({.name = "fedstake-client " + verb + " of " + site.name,
                       .program = program("fedstake-client"),
                       .arguments = std::move(words),
                       .log = site_folder(site) / (verb + ".log")},
                      kCommandLimit);
}

Status Federation::check() {
    FS_TRY(start_coordinator(CoordinatorMode::kServe));
    const auto auditor =
        std::find_if(sites_.begin(), sites_.end(), [](const DemoSite& s) { return s.audits; });
    for (const RoundNumber round : {RoundNumber{1}, RoundNumber{options_.rounds}}) {
        if (stop_) return interrupted();
        FS_TRY(client(*auditor, "verify", {"--round", std::to_string(round)}));
    }
    record_.verified = true;
    return {};
}

Result<std::unique_ptr<chain::Ledger>> Federation::read_ledger() const {
    FS_ASSIGN(auto rpc, evm::JsonRpc::open(chain_->url()));
    FS_ASSIGN(std::unique_ptr<chain::Ledger> ledger,
              evm::EvmLedger::open(std::move(rpc), crypto::SigningKey::generate(),
                                   std::make_unique<evm::MemoryOutboxStore>(),
                                   {.contracts = {.chain_id = manifest_.chain.chain_id,
                                                  .token = manifest_.chain.token,
                                                  .stake_vault = manifest_.chain.stake_vault,
                                                  .round_manager = manifest_.chain.round_manager,
                                                  .fault_prover = manifest_.chain.fault_prover,
                                                  .slash_court = manifest_.chain.slash_court,
                                                  .model_registry = manifest_.chain.model_registry},
                                    .federation = manifest_.federation,
                                    .outbox = {}}));
    return ledger;
}

Result<Amount> Federation::stake_of(const SiteId& owner) const {
    FS_ASSIGN(const auto ledger, read_ledger());
    FS_ASSIGN(const chain::StakeAccount account, ledger->stake_of(owner));
    return account.stake;
}

Status Federation::settle() {
    for (std::size_t i = 0; i < sites_.size(); ++i) {
        if (stop_) return interrupted();
        SiteRecord& site = record_.sites[i];
        if (!site.attacker) {
            FS_TRY(client(sites_[i], "claim", {"--json"}));
            std::ifstream in(site_folder(sites_[i]) / "claim.log");
            for (std::string line; std::getline(in, line);) {
                const auto paid = nlohmann::json::parse(line, nullptr, false);
                if (paid.is_object() && paid.contains("cumulative")) {
                    FS_ASSIGN(site.reward, parse_amount(paid["cumulative"].get<std::string>()));
                }
            }
        }
        FS_ASSIGN(site.stake_after, stake_of(site.owner));
        site.slashed = site.stake_before - site.stake_after;
    }
    return {};
}

}  // namespace fedstake::demo
