// mkdtemp and removal.
#include "tests/support/temp_dir.hpp"

#include <cstdlib>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

namespace fedstake::testing {

TempDir::TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "fedstake-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        ADD_FAILURE() << "cannot make a temporary folder like " << name;
        std::abort();
    }
    path_ = name;
}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace fedstake::testing
