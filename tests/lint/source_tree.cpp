// Walks the repository once.
#include "tests/lint/source_tree.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace fedstake::lint {

namespace {

namespace fs = std::filesystem;

constexpr std::array kFolders = {"proto", "aggregation", "contracts/cpp", "coordinator", "client",
                                 "sim",   "demo",        "tests",         "bench"};

SourceFile read(const fs::path& path) {
    SourceFile file{.path = fs::relative(path, FEDSTAKE_SOURCE_DIR).generic_string(), .lines = {}};
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) file.lines.push_back(line);
    return file;
}

}  // namespace

const std::vector<SourceFile>& source_files() {
    static const std::vector<SourceFile> files = [] {
        std::vector<SourceFile> found;
        for (const char* folder : kFolders) {
            const fs::path root = fs::path(FEDSTAKE_SOURCE_DIR) / folder;
            if (!fs::exists(root)) continue;
            for (const auto& entry : fs::recursive_directory_iterator(root)) {
                const auto extension = entry.path().extension();
                if (extension == ".hpp" || extension == ".cpp") found.push_back(read(entry.path()));
            }
        }
        std::sort(found.begin(), found.end(),
                  [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
        return found;
    }();
    return files;
}

}  // namespace fedstake::lint
