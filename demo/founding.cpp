// Founding the demo's federation: keys, enrolment, chain node, contracts, stakes.
#include <fstream>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/site_account.hpp"
#include "contracts/cpp/evm/transaction_sender.hpp"
#include "demo/federation.hpp"
#include "demo/rules.hpp"
#include "proto/crypto/keystore.hpp"
#include "proto/manifest/rules_toml.hpp"

namespace fedstake::demo {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kCommandLimit{60};
constexpr std::uint64_t kChainId = 31337;
// For keys that live as long as the demo. Real ones deserve a real passphrase.
constexpr const char* kPassphrase = "only for this demonstration";

constexpr Amount kToken = 1'000'000'000'000'000'000ULL;
constexpr Amount kStake = 1'000 * kToken;
constexpr Amount kGasMoney = 10 * kToken;  // ether, for the accounts' transactions

// Windows that are days in production; the demo shortens them, it does not leave them out.
constexpr std::uint64_t kSlashDelaySeconds = 3;
constexpr std::uint64_t kUnbondingSeconds = 86'400;

Status write_file(const fs::path& path, std::string_view text, fs::perms mode) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    std::ofstream out(path);
    out << text;
    out.close();
    if (!out) return fail(Errc::kUnavailable, "cannot write " + path.string());
    fs::permissions(path, mode, error);
    return {};
}

Result<nlohmann::json> read_json(const fs::path& path) {
    std::ifstream in(path);
    auto value = nlohmann::json::parse(in, nullptr, false);
    if (!value.is_object()) return fail(Errc::kCorrupt, path.string() + " is not a JSON object");
    return value;
}

constexpr fs::perms kPrivate = fs::perms::owner_read | fs::perms::owner_write;

}  // namespace

Status Federation::found() {
    FS_ASSIGN(ports_, choose_ports(options_.port_base));
    FS_ASSIGN(sites_, prepare_sites(options_, folder_ / "data"));
    FS_TRY(write_file(folder_ / "passphrase", std::string(kPassphrase) + "\n", kPrivate));
    FS_TRY(write_rules());
    FS_TRY(make_federation());
    for (const DemoSite& site : sites_) {
        if (stop_) return interrupted();
        FS_TRY(enrol(site));
    }
    if (!options_.chain) {
        FS_ASSIGN(manifest_, manifest::load_manifest(coordinator_folder() / "federation.toml"));
        for (const DemoSite& site : sites_) {
            SiteRecord record;
            record.name = site.name;
            record.attacker = site.attacker;
            record_.sites.push_back(std::move(record));
        }
        return {};
    }
    FS_TRY(start_chain());
    FS_TRY(deploy());
    for (const DemoSite& site : sites_) {
        if (stop_) return interrupted();
        FS_TRY(fund_and_stake(site));
    }
    return {};
}

Status Federation::write_rules() const {
    FS_ASSIGN(const rules::RoundRules rules,
              demo_rules(options_, static_cast<std::uint32_t>(sites_.size())));
    return write_file(folder_ / "rules.toml", manifest::rules_to_toml(rules), kPrivate);
}

Status Federation::make_federation() {
    std::vector<std::string> arguments = {"init",
                                          "--rules",
                                          (folder_ / "rules.toml").string(),
                                          "--name",
                                          "demo",
                                          "--out",
                                          coordinator_folder().string(),
                                          "--endpoint",
                                          fmt::format("tcp://127.0.0.1:{}", ports_.federation),
                                          "--chain-id",
                                          std::to_string(kChainId),
                                          "--rpc",
                                          fmt::format("http://127.0.0.1:{}", ports_.chain),
                                          "--http-port",
                                          std::to_string(ports_.http),
                                          "--passphrase-file",
                                          (folder_ / "passphrase").string(),
                                          "--light",
                                          "--json"};
    if (!options_.chain) arguments.emplace_back("--no-chain");
    return run_to_end({.name = "fedstake-coordinator init",
                       .program = program("fedstake-coordinator"),
                       .arguments = std::move(arguments),
                       .log = folder_ / "init.log"},
                      kCommandLimit);
}

Status Federation::enrol(const DemoSite& site) {
    const fs::path folder = site_folder(site);
    const std::string passphrase = (folder_ / "passphrase").string();
    FS_ASSIGN(const nlohmann::json federation, read_json(folder_ / "init.log"));
    std::error_code ignored;
    fs::create_directories(folder, ignored);
    FS_TRY(run_to_end({.name = "keygen of " + site.name,
                       .program = program("fedstake-client"),
                       .arguments = {"keygen", "--out", (folder / "keys").string(),
                                     "--passphrase-file", passphrase, "--light"},
                       .log = folder / "keygen.log"},
                      kCommandLimit));
    FS_TRY(run_to_end(
        {.name = "enrolment of " + site.name,
         .program = program("fedstake-client"),
         .arguments = {"enroll", "--federation", federation.value("federation", ""), "--chain-id",
                       std::to_string(kChainId), "--keys", (folder / "keys").string(), "--name",
                       site.name, "--out", (folder / "request.json").string(), "--passphrase-file",
                       passphrase},
         .log = folder / "enroll.log"},
        kCommandLimit));
    std::vector<std::string> admit = {"admit", "--config",
                                      (coordinator_folder() / "coordinator.toml").string(),
                                      (folder / "request.json").string()};
    if (site.audits) admit.emplace_back("--auditor");
    FS_TRY(run_to_end({.name = "admission of " + site.name,
                       .program = program("fedstake-coordinator"),
                       .arguments = std::move(admit),
                       .log = folder / "admit.log"},
                      kCommandLimit));
    return write_site_config(site);
}

Status Federation::write_site_config(const DemoSite& site) const {
    const fs::path folder = site_folder(site);
    return write_file(folder / "client.toml",
                      fmt::format("manifest = \"{}\"\nkeys = \"keys\"\npassphrase_file = \"{}\"\n"
                                  "state = \"state\"\nrpc = \"http://127.0.0.1:{}\"\n\n"
                                  "[data]\nfile = \"{}\"\nschema = \"{}\"\nsplit_seed = {}\n",
                                  (coordinator_folder() / "federation.toml").string(),
                                  (folder_ / "passphrase").string(), ports_.chain,
                                  site.data.string(), site.schema, options_.seed),
                      kPrivate);
}

Status Federation::start_chain() {
    evm::AnvilOptions anvil;
    anvil.port = ports_.chain;
    anvil.chain_id = kChainId;
    anvil.block_time = 1;
    if (options_.chain_remembers) anvil.state_file = folder_ / "chain.json";
    FS_ASSIGN(chain_, evm::AnvilProcess::start(anvil));
    return {};
}

Status Federation::deploy() {
    // The chain's first development account pays, mints the test tokens, and is the council.
    const fs::path folder = coordinator_folder();
    const std::string bank_key = (folder_ / "bank.json").string();
    const std::string passphrase = (folder_ / "passphrase").string();
    FS_TRY(
        crypto::write_keystore(bank_key, evm::dev_key(0), kPassphrase, crypto::kLightKeystoreCost));
    FS_TRY(run_to_end(
        {.name = "fedstake-coordinator deploy",
         .program = program("fedstake-coordinator"),
         .arguments = {"deploy", "--config", (folder / "coordinator.toml").string(),
                       "--deployer-key", bank_key, "--deployer-passphrase-file", passphrase,
                       "--fund-coordinator", amount_to_string(kGasMoney), "--challenge-window-s",
                       std::to_string(options_.challenge_window_s), "--slash-delay-s",
                       std::to_string(kSlashDelaySeconds), "--unbonding-s",
                       std::to_string(kUnbondingSeconds), "--reward-fund",
                       amount_to_string(Amount{options_.rounds} * 10 * kToken)},
         .log = folder_ / "deploy.log"},
        kCommandLimit));
    FS_ASSIGN(manifest_, manifest::load_manifest(folder / "federation.toml"));
    return {};
}

Status Federation::fund_and_stake(const DemoSite& site) {
    FS_ASSIGN(const auto rpc, evm::JsonRpc::open(chain_->url()));
    evm::EthNode node(*rpc);
    const crypto::SigningKey bank = evm::dev_key(0);
    FS_ASSIGN(const nlohmann::json keys, read_json(site_folder(site) / "keys" / "public.json"));
    SiteRecord record;
    record.name = site.name;
    record.attacker = site.attacker;
    FS_ASSIGN(record.owner, SiteId::parse(keys.value("owner", "")));
    evm::TransactionSender sender(node, bank);
    FS_TRY(sender.transfer(record.owner, kGasMoney));
    FS_TRY(evm::mint_test_tokens(node, bank, manifest_.chain.token, record.owner, kStake));
    FS_TRY(client(site, "stake", {"--amount", amount_to_string(kStake)}));
    FS_ASSIGN(record.stake_before, stake_of(record.owner));
    record_.sites.push_back(std::move(record));
    return {};
}

Status Federation::start_coordinator(CoordinatorMode mode) {
    std::vector<std::string> arguments = {"run", "--config",
                                          (coordinator_folder() / "coordinator.toml").string()};
    if (mode == CoordinatorMode::kRounds) {
        for (const std::string& word : {std::string("--rounds"), std::to_string(options_.rounds),
                                        std::string("--events"), events_file().string()}) {
            arguments.push_back(word);
        }
    } else {
        arguments.emplace_back("--serve-only");
    }
    FS_ASSIGN(coordinator_, Process::start({.name = "coordinator",
                                            .program = program("fedstake-coordinator"),
                                            .arguments = std::move(arguments),
                                            .log = folder_ / "coordinator.log",
                                            .shows_output = mode == CoordinatorMode::kRounds &&
                                                            options_.shows_rounds}));
    return {};
}

}  // namespace fedstake::demo
