// A founded federation of real processes in a folder of its own, and what its event log says.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "demo/federation.hpp"
#include "tests/support/temp_dir.hpp"

// Ends the test with the error's own words.
#define FS_ASSERT_OK(expression)                                           \
    do {                                                                   \
        const auto& fs_assert_result = (expression);                       \
        ASSERT_TRUE(fs_assert_result) << fs_assert_result.error().message; \
    } while (false)

namespace fedstake::testing {

inline constexpr std::chrono::seconds kPatience{30};

// Asks every few milliseconds. RETURNS false when the limit passes first.
[[nodiscard]] bool wait_until(const std::function<bool()>& condition,
                              std::chrono::seconds limit = kPatience);

// Folder of the fedstake programs: $FEDSTAKE_BIN_DIR, or where this build puts them.
[[nodiscard]] std::filesystem::path bin_dir();

// Folder of the programs that only tests use.
[[nodiscard]] std::filesystem::path test_bin_dir();

// Four honest sites on generated rows, no chain, quiet; the example rules.
[[nodiscard]] demo::Options small_options();

// Resident memory of a process and its peak, in bytes; 0 where it has ended.
[[nodiscard]] std::uint64_t resident_bytes(pid_t pid);
[[nodiscard]] std::uint64_t peak_resident_bytes(pid_t pid);

class RunningFederation {
public:
    using Event = nlohmann::json;
    using Filter = std::function<bool(const Event&)>;

    explicit RunningFederation(const demo::Options& options);

    [[nodiscard]] demo::Federation& parts() noexcept { return federation_; }
    [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
    [[nodiscard]] Status start_rounds();  // coordinator, then all sites
    [[nodiscard]] Status start_rounds_without(std::size_t left_out);

    // Events of one kind so far, in order.
    [[nodiscard]] std::vector<Event> events(const std::string& kind,
                                            const Filter& filter = {}) const;
    [[nodiscard]] bool wait_for_event(const std::string& kind, const Filter& filter = {},
                                      std::chrono::seconds limit = kPatience) const;
    // Waits for the coordinator and then for every client. RETURNS the coordinator's exit code, or
    // -1 after the limit.
    [[nodiscard]] int wait_for_end(std::chrono::seconds limit = kPatience);
    // The coordinator's own words, for the message of a failed test.
    [[nodiscard]] std::string log() const;

private:
    TempDir folder_;
    std::atomic<bool> stop_{false};
    demo::Federation federation_;
};

// Filters.
[[nodiscard]] RunningFederation::Filter in_round(RoundNumber round);
[[nodiscard]] RunningFederation::Filter in_round_of(RoundNumber round, const std::string& site);

}  // namespace fedstake::testing
