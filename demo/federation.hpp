// One whole federation on this machine, made of the real programs as child processes.
//
// Call order: found() (keys, enrolment, chain, contracts, stakes), train() (coordinator, sites,
// attacker, until the last round), check() (an auditor recomputes rounds over the wire), settle()
// (claims, stakes). The destructor ends every child by its process id.
//
// After found() the parts can also be started and stopped one by one.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "contracts/cpp/evm/anvil_process.hpp"
#include "contracts/cpp/evm/contract_set.hpp"
#include "contracts/cpp/evm/json_rpc.hpp"
#include "contracts/cpp/ledger.hpp"
#include "demo/cohort.hpp"
#include "demo/options.hpp"
#include "demo/ports.hpp"
#include "demo/process.hpp"
#include "demo/run_record.hpp"
#include "proto/manifest/manifest.hpp"

namespace fedstake::demo {

class Federation {
public:
    // stop: becomes true on Ctrl-C; every step then returns kUnavailable soon.
    Federation(Options options, std::filesystem::path folder, const std::atomic<bool>& stop);
    ~Federation();
    Federation(const Federation&) = delete;
    Federation& operator=(const Federation&) = delete;

    [[nodiscard]] Status found();
    [[nodiscard]] Status train();
    [[nodiscard]] Status check();
    [[nodiscard]] Status settle();
    [[nodiscard]] const RunRecord& record() const noexcept { return record_; }

    // kServe answers auditors and opens no round.
    enum class CoordinatorMode { kRounds, kServe };
    [[nodiscard]] Status start_coordinator(CoordinatorMode mode);
    [[nodiscard]] Status start_site(const DemoSite& site);
    [[nodiscard]] Status start_chain();
    void stop_chain() noexcept { chain_.reset(); }

    // Valid after found(); the processes after they were started.
    [[nodiscard]] const Ports& ports() const noexcept { return ports_; }
    [[nodiscard]] const std::vector<DemoSite>& sites() const noexcept { return sites_; }
    [[nodiscard]] const manifest::Manifest& manifest() const noexcept { return manifest_; }
    [[nodiscard]] Process& coordinator() { return *coordinator_; }
    [[nodiscard]] evm::AnvilProcess& chain() { return *chain_; }
    [[nodiscard]] std::vector<Process>& clients() noexcept { return clients_; }
    [[nodiscard]] Result<std::unique_ptr<chain::Ledger>> read_ledger() const;
    [[nodiscard]] std::filesystem::path site_folder(const DemoSite& site) const;
    [[nodiscard]] std::filesystem::path coordinator_folder() const {
        return folder_ / "coordinator";
    }
    [[nodiscard]] std::filesystem::path events_file() const { return folder_ / "events.jsonl"; }
    [[nodiscard]] std::filesystem::path program(const char* name) const;

private:
    [[nodiscard]] Status write_rules() const;
    [[nodiscard]] Status make_federation();
    [[nodiscard]] Status enrol(const DemoSite& site);
    [[nodiscard]] Status deploy();
    [[nodiscard]] Status fund_and_stake(const DemoSite& site);
    [[nodiscard]] Status write_site_config(const DemoSite& site) const;
    [[nodiscard]] Status wait_for_rounds();
    [[nodiscard]] Status collect_results();
    [[nodiscard]] Status client(const DemoSite& site, const std::string& verb,
                                std::vector<std::string> arguments);
    [[nodiscard]] Result<Amount> stake_of(const SiteId& owner) const;
    [[nodiscard]] Status interrupted() const;

    Options options_;
    std::filesystem::path folder_;
    const std::atomic<bool>& stop_;
    Ports ports_;
    std::vector<DemoSite> sites_;
    manifest::Manifest manifest_;
    std::optional<evm::AnvilProcess> chain_;
    std::optional<Process> coordinator_;
    std::vector<Process> clients_;
    RunRecord record_;
};

}  // namespace fedstake::demo
