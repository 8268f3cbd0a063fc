// The project's own source files, as lines.
#pragma once

#include <string>
#include <vector>

namespace fedstake::lint {

struct SourceFile {
    std::string path;  // relative to the repository root, with '/'
    std::vector<std::string> lines;
};

// Every .hpp and .cpp below the source folders, sorted by path.
[[nodiscard]] const std::vector<SourceFile>& source_files();

}  // namespace fedstake::lint
