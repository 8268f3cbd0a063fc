// A small federation with real keys, for tests of the round machine: sites, auditors, signed
// updates and round results that fit the machine's own state.
#pragma once

#include <string>
#include <vector>

#include "coordinator/round/round_machine.hpp"
#include "proto/crypto/secp256k1.hpp"

namespace fedstake::round::testing {

struct FederationOptions {
    std::size_t sites = 4;
    std::size_t auditors = 2;  // the first sites also audit
    std::uint32_t quorum = 3;
    std::uint32_t auditors_needed = 2;
    std::uint32_t attempts_max = 3;
    std::uint64_t rounds_max = 2;
    bool chain_enabled = true;
};

class Federation {
public:
    explicit Federation(FederationOptions options = {});

    [[nodiscard]] MachineConfig config() const;
    [[nodiscard]] Started started() const;
    // Every site's stake is 1000.
    [[nodiscard]] StakesKnown stakes() const;
    [[nodiscard]] SiteId site(std::size_t index) const { return roster_.at(index).site; }

    // The update of one site for the machine's open round; another `variant` is another update.
    [[nodiscard]] rules::SignedUpdate update(const State& state, std::size_t index,
                                             std::uint8_t variant = 0) const;
    // The same statement after a change, signed again by the site over these details.
    [[nodiscard]] rules::SignedUpdate sign(crypto::UpdateStatement statement, std::size_t index,
                                           Bytes details = {1, 2, 3}) const;
    // What the pipeline might say: everybody accepted, `accused` completing its strikes.
    [[nodiscard]] Aggregated outcome(const RoundMachine& machine,
                                     std::vector<SiteId> accused = {}) const;
    [[nodiscard]] AuditorSigned attestation(const State& state, std::size_t index) const;

    FederationOptions options;

private:
    FederationId federation_;
    crypto::Eip712Domain domain_;
    rules::RoundRules rules_;
    std::vector<crypto::SigningKey> keys_;
    std::vector<RosterEntry> roster_;
};

// A machine with its federation, driven through the usual steps. Each helper returns the actions of
// its last step and fails the test on an Error.
class MachineTest {
public:
    explicit MachineTest(FederationOptions options = {});

    Actions step(const Event& event);
    Actions at(std::int64_t ms, const Event& event);

    Actions start();                                      // stakes and Started
    Actions start_collecting();                           // and every site seen
    Actions send(std::size_t index);                      // UpdateSigned and UpdateStored
    Actions send_all();                                   // to kClosed
    Actions aggregate(std::vector<SiteId> accused = {});  // to kAggregated
    Actions attest_all();  // enough signatures: next round or settling

    [[nodiscard]] const State& state() const { return machine.state(); }
    [[nodiscard]] Phase phase() const { return machine.state().phase; }

    Federation federation;
    RoundMachine machine;
    Timestamp now{1'700'000'000'000};
};

template <class T>
[[nodiscard]] std::vector<T> all_of_kind(const Actions& actions) {
    std::vector<T> found;
    for (const Action& action : actions) {
        if (const T* match = std::get_if<T>(&action)) {
            found.push_back(*match);
        }
    }
    return found;
}

}  // namespace fedstake::round::testing
