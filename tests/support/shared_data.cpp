// Looks for optional test data.
#include "tests/support/shared_data.hpp"

#include <cstdlib>

namespace fedstake::testing {

std::optional<std::filesystem::path> shared_data(std::string_view relative) {
    namespace fs = std::filesystem;
    const char* configured = std::getenv("FEDSTAKE_SHARED");
    const fs::path root = configured != nullptr
                              ? fs::path(configured)
                              : fs::path(FEDSTAKE_SOURCE_DIR).parent_path() / "shared";
    const fs::path candidate = root / relative;
    if (!fs::exists(candidate)) return std::nullopt;
    return candidate;
}

}  // namespace fedstake::testing
