// Where tests find data sets and worked cases that are not part of the repository.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace fedstake::testing {

// The path of `relative` below $FEDSTAKE_SHARED, or below ../shared beside the source tree; nothing
// where it does not exist.
[[nodiscard]] std::optional<std::filesystem::path> shared_data(std::string_view relative);

}  // namespace fedstake::testing

// Skips the running test, saying what is missing, unless the data is there.
#define FEDSTAKE_NEED_SHARED(variable, relative)                              \
    const auto variable##_found = ::fedstake::testing::shared_data(relative); \
    if (!variable##_found) {                                                  \
        GTEST_SKIP() << "needs " << (relative)                                \
                     << " (set FEDSTAKE_SHARED to the folder that holds it)"; \
    }                                                                         \
    const std::filesystem::path& variable = *variable##_found
