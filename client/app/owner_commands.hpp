// Verbs of the owner account: exit, withdraw, appeal, rotate-key. stake and claim are in
// commands.hpp.
//
// Every one tries its calls without sending them first, so that a refusal costs nothing, and with
// dry_run stops there.
#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"

namespace fedstake::client {

struct OwnerOptions {
    std::filesystem::path config;
    bool json = false;
    bool dry_run = false;
};

// Puts stake on its way out; all of it without an amount.
[[nodiscard]] Status exit_stake(const OwnerOptions& options, std::optional<Amount> amount,
                                const std::atomic<bool>& stop);
// Pays the exit out. RETURNS kNotNow, with the time and the cases, when that is too early.
[[nodiscard]] Status withdraw(const OwnerOptions& options, const std::atomic<bool>& stop);

struct AppealOptions {
    OwnerOptions common;
    std::string case_id;    // its first digits are enough; empty: list the site's cases
    bool escalate = false;  // a panel's confirmation goes to the governor
    bool close = false;     // end what nobody ruled on, or bring a bond back
};
[[nodiscard]] Status appeal(const AppealOptions& options, const std::atomic<bool>& stop);

struct RotateOptions {
    OwnerOptions common;
    std::filesystem::path out;  // the request for the consortium operator
    bool light = false;         // cheap key derivation, for demonstrations
    bool force = false;         // also for an auditor that the contracts list by its old key
};
// Makes a new signer key and binds it. RETURNS kConflict while the site's client runs.
[[nodiscard]] Status rotate_key(const RotateOptions& options, const std::atomic<bool>& stop);

}  // namespace fedstake::client
