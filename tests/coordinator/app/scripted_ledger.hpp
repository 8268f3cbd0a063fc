// A ledger that does what a test sets, for the thread that talks to the chain.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "contracts/cpp/ledger.hpp"

namespace fedstake::coordinator {

// What the test sets and the poster's thread sees.
struct World {
    std::mutex mutex;
    bool up = true;
    std::uint64_t time = 100;
    RoundNumber final = 0;
    std::vector<chain::SlashCase> cases;
    std::vector<std::string> performed;  // keys, in order
    std::map<std::string, chain::IntentStatus> intents;
    Amount stake = 1000;
    Address signer;
    std::string pump_trouble;        // pump() fails with it, reads work
    std::string held_back;           // why nothing that is queued is sent; empty: it is
    std::size_t unread_history = 0;  // looks at slash cases that find history unread
    std::set<Digest> voided;         // commitments
    std::vector<chain::OpenDemand> demands;
    std::size_t void_questions = 0;  // how often it was asked about them
    std::size_t visits = 0;          // successful pumps
};

class ScriptedLedger final : public chain::Ledger {
public:
    explicit ScriptedLedger(World& world) : world_(world) {}

    Result<chain::StakeAccount> stake_of(const SiteId& site) override {
        const std::lock_guard lock(world_.mutex);
        FS_TRY(available());
        chain::StakeAccount account;
        account.site = site;
        account.stake = world_.stake;
        account.signer = world_.signer;
        return account;
    }
    Result<RoundNumber> committed_head() override { return 0; }
    Result<Digest> committed(RoundNumber /*round*/) override { return Digest{}; }
    Result<bool> is_final(RoundNumber round) override {
        const std::lock_guard lock(world_.mutex);
        FS_TRY(available());
        return round <= world_.final;
    }
    Result<bool> is_voided(const Digest& commitment) override {
        const std::lock_guard lock(world_.mutex);
        FS_TRY(available());
        ++world_.void_questions;
        return world_.voided.contains(commitment);
    }
    Result<std::vector<chain::SlashCase>> slash_cases() override {
        const std::lock_guard lock(world_.mutex);
        FS_TRY(available());
        if (world_.unread_history > 0) {
            --world_.unread_history;
            return fail(Errc::kNotNow, "read up to block 64000 so far");
        }
        return world_.cases;
    }
    Result<std::uint64_t> chain_time() override {
        const std::lock_guard lock(world_.mutex);
        FS_TRY(available());
        return world_.time;
    }
    Result<std::vector<chain::OpenDemand>> open_demands() override {
        const std::lock_guard lock(world_.mutex);
        FS_TRY(available());
        return world_.demands;
    }
    Status submit(const chain::Intent& intent) override {
        const std::lock_guard lock(world_.mutex);
        if (intent.key == "conflict") {
            return fail(Errc::kConflict, "another operation has this key");
        }
        chain::IntentStatus status;
        status.key = intent.key;
        world_.intents.emplace(intent.key, status);
        return {};
    }
    Status drop(const std::string& key, const std::string& reason) override {
        const std::lock_guard lock(world_.mutex);
        const auto found = world_.intents.find(key);
        if (found != world_.intents.end() && found->second.state == chain::IntentState::kQueued) {
            found->second.state = chain::IntentState::kRejected;
            found->second.detail = reason;
        }
        return {};
    }
    Result<std::vector<chain::IntentStatus>> pump() override {
        const std::lock_guard lock(world_.mutex);
        FS_TRY(available());
        if (!world_.pump_trouble.empty()) {
            return fail(Errc::kUnavailable, world_.pump_trouble);
        }
        ++world_.visits;
        std::vector<chain::IntentStatus> changed;
        for (auto& [key, status] : world_.intents) {
            if (status.state == chain::IntentState::kRejected) {
                continue;
            }
            status.detail = world_.held_back;
            if (!world_.held_back.empty()) {
                continue;
            }
            if (status.state == chain::IntentState::kQueued) {
                status.state = chain::IntentState::kDone;
                world_.performed.push_back(key);
                for (chain::SlashCase& slash : world_.cases) {
                    if (key == "slash/" + std::to_string(slash.id)) {
                        slash.state = chain::SlashState::kExecuted;
                    }
                }
                changed.push_back(status);
            }
        }
        return changed;
    }
    Result<chain::IntentStatus> status(const std::string& key) override {
        const std::lock_guard lock(world_.mutex);
        const auto found = world_.intents.find(key);
        if (found == world_.intents.end()) {
            return fail(Errc::kNotFound, key);
        }
        return found->second;
    }

private:
    Status available() const {
        return world_.up ? Status{} : Status(fail(Errc::kUnavailable, "no answer"));
    }
    World& world_;
};

}  // namespace fedstake::coordinator
