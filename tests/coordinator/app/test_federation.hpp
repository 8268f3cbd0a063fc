// A founded federation in a temporary folder, sites that speak the real protocol over real sockets,
// and the coordinator as a real child process.
#pragma once

#include <sys/types.h>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proto/crypto/secp256k1.hpp"
#include "proto/manifest/manifest.hpp"
#include "proto/rules/round_context.hpp"
#include "proto/rules/signed_update.hpp"
#include "proto/transport/dealer_client.hpp"
#include "proto/wire/messages.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::coordinator::testing {

struct SiteKeys {
    crypto::SigningKey owner;
    crypto::SigningKey signer;
    transport::CurveKeyPair curve;
    std::string name;
};

struct TestRules {
    std::uint64_t coordinates = 13;
    std::uint32_t quorum = 2;
    std::uint32_t auditors_needed = 1;
    std::int64_t collect_deadline_ms = 20'000;
    std::string rule = "median";
};

// init and admit have been run, without a chain. The first site is also the auditor.
class TestFederation {
public:
    explicit TestFederation(std::size_t sites = 3, const TestRules& rules = {});

    // Adds one more site to the manifest. REQUIRES a coordinator that does not run.
    void admit_site(bool auditor = false);
    [[nodiscard]] std::filesystem::path folder() const { return dir_.path() / "coordinator"; }
    [[nodiscard]] std::filesystem::path config() const { return folder() / "coordinator.toml"; }
    [[nodiscard]] std::filesystem::path events() const { return dir_.path() / "events.jsonl"; }
    [[nodiscard]] std::filesystem::path log() const { return dir_.path() / "coordinator.log"; }
    [[nodiscard]] manifest::Manifest manifest() const;
    // Lines of the event log with this name.
    [[nodiscard]] std::vector<std::string> events_named(const std::string& name) const;

    std::vector<SiteKeys> sites;
    std::uint16_t port = 0;

private:
    fedstake::testing::TempDir dir_;
};

// fedstake-coordinator as a child; killed when it goes out of scope.
class ChildCoordinator {
public:
    ChildCoordinator(const TestFederation& federation, const std::vector<std::string>& arguments);
    ~ChildCoordinator();
    ChildCoordinator(const ChildCoordinator&) = delete;
    ChildCoordinator& operator=(const ChildCoordinator&) = delete;

    void kill(int signal);
    // A line of /proc/<pid>/status in MiB: "VmRSS" now, "VmHWM" at its peak.
    [[nodiscard]] std::size_t memory_mib(const std::string& line) const;
    // The exit code; nothing while it runs after the time.
    [[nodiscard]] std::optional<int> wait(std::chrono::seconds longest);

private:
    pid_t pid_ = -1;
};

// One site by hand.
class TestSite {
public:
    TestSite(const TestFederation& federation, std::size_t index);

    // Waits for the next message of this kind, answering nothing in between. Fails the test after
    // 20 s.
    template <class T>
    [[nodiscard]] T expect() {
        for (;;) {
            const auto message = next();
            if (!message) {
                return T{};
            }
            if (const T* found = std::get_if<T>(&*message)) {
                return *found;
            }
        }
    }
    // The next message of any kind.
    [[nodiscard]] std::optional<wire::Message> next();
    void send(const wire::Message& message);
    void send_raw(Bytes payload);
    // Waits for the next connection, then Hello and the Welcome that answers it.
    wire::Welcome join();

    // An update of this attempt with these values; signs what `change` makes of the statement.
    struct Update {
        rules::SignedUpdate signed_update;
        Bytes bytes;
    };
    [[nodiscard]] Update make_update(const rules::RoundContext& context,
                                     const std::vector<std::int32_t>& values) const;
    [[nodiscard]] rules::SignedUpdate sign(const crypto::UpdateStatement& statement,
                                           const Bytes& details) const;
    // Offers it, sends what the coordinator lacks, asks for the receipt. The answer is the Receipt
    // or a Refusal; chunks_sent counts.
    wire::Message upload(const Update& update);
    std::size_t chunks_sent = 0;

    // Fetches a blob whole, or the refusal.
    [[nodiscard]] std::optional<Bytes> fetch(const Digest& root);
    // Signs what the coordinator asks for, without looking.
    void attest(const wire::AttestRequest& request);
    [[nodiscard]] rules::RoundContext wait_for_round();

    [[nodiscard]] SiteId id() const { return id_; }

private:
    manifest::Manifest manifest_;
    const SiteKeys* keys_;
    SiteId id_;
    std::unique_ptr<transport::DealerClient> client_;
};

}  // namespace fedstake::coordinator::testing
