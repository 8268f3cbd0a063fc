// Rules on the text of the sources: length, banned calls, leftovers. Each message says what to do.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/lint/source_tree.hpp"

namespace fedstake::lint {
namespace {

constexpr std::size_t kLineLengthMax = 100;
constexpr std::size_t kHeaderLinesMax = 220;
constexpr std::size_t kSourceLinesMax = 420;
constexpr std::size_t kTestLinesMax = 700;
constexpr std::size_t kFunctionLinesMax = 70;

bool is_test(std::string_view path) {
    return path.starts_with("tests/") || path.starts_with("bench/");
}

// Characters of UTF-8 text: every byte but continuation bytes.
std::size_t columns(std::string_view line) {
    return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

TEST(Sources, AreReadInTheFirstPlace) {
    EXPECT_GT(source_files().size(), 20U);
}

TEST(Sources, KeepToTheLineLength) {
    for (const SourceFile& file : source_files()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            EXPECT_LE(columns(file.lines[i]), kLineLengthMax)
                << file.path << ":" << i + 1 << ": wrap at " << kLineLengthMax << " columns";
        }
    }
}

TEST(Sources, AreShortFilesWithOneJob) {
    for (const SourceFile& file : source_files()) {
        // A "-inl.hpp" is a body that is compiled once for each instruction set.
        const bool header = file.path.ends_with(".hpp") && !file.path.ends_with("-inl.hpp");
        const std::size_t limit = is_test(file.path) ? kTestLinesMax
                                  : header           ? kHeaderLinesMax
                                                     : kSourceLinesMax;
        EXPECT_LE(file.lines.size(), limit) << file.path << ": split it by job";
    }
}

TEST(Sources, SayTheirJobFirst) {
    for (const SourceFile& file : source_files()) {
        if (is_test(file.path)) continue;
        ASSERT_FALSE(file.lines.empty()) << file.path << " is empty";
        EXPECT_TRUE(file.lines.front().starts_with("//"))
            << file.path << ": begin with a comment that says what the file is for";
    }
}

// clang-format puts the closing brace of a function at the indentation of its first line, and
// namespaces do not indent: a function starts at column 0 with a line that ends in '{'.
TEST(Sources, HaveShortFunctions) {
    for (const SourceFile& file : source_files()) {
        if (is_test(file.path)) continue;
        std::size_t start = 0;
        bool inside = false;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const std::string& line = file.lines[i];
            const bool opens = !line.empty() && line.front() != ' ' && line.ends_with("{") &&
                               line.find('(') != std::string::npos;
            const bool continues = line.starts_with("    ") && line.ends_with(") {");
            if (!inside && (opens || continues)) {
                inside =
                    opens || (i > 0 && !file.lines[i - 1].empty() && file.lines[i - 1][0] != ' ' &&
                              file.lines[i - 1].find('(') != std::string::npos);
                start = i;
            }
            if (inside && line == "}") {
                EXPECT_LE(i - start, kFunctionLinesMax)
                    << file.path << ":" << start + 1 << ": split this function";
                inside = false;
            }
        }
    }
}

TEST(Sources, AvoidBannedCalls) {
    struct Ban {
        std::string_view text;
        std::string_view instead;
        std::string_view allowed_in;  // path prefix that may use it
    };
    static const std::array bans = {
        Ban{"std::random_device", "crypto/random.hpp", ""},
        Ban{"std::mt19937", "proto/base/rng.hpp", ""},
        Ban{"_distribution<", "proto/base/rng.hpp", ""},
        Ban{"std::shuffle", "Rng::shuffle", ""},
        Ban{"std::unordered_", "std::map or a sorted vector: iteration order must be fixed", ""},
        Ban{"torch::load", "own formats only: never deserialise objects", ""},
        Ban{"system(", "posix_spawn in process helpers", ""},
        Ban{".detach()", "join every thread", "client/training/"},  // a tensor's detach() there
        Ban{"-ffast-math", "nothing", ""},
    };
    for (const SourceFile& file : source_files()) {
        if (file.path.starts_with("tests/lint/")) continue;
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            std::string_view line = file.lines[i];
            line = line.substr(0, line.find("//"));
            for (const Ban& ban : bans) {
                if (!ban.allowed_in.empty() && file.path.starts_with(ban.allowed_in)) continue;
                EXPECT_EQ(line.find(ban.text), std::string_view::npos)
                    << file.path << ":" << i + 1 << ": " << ban.text << " is banned; use "
                    << ban.instead;
            }
        }
    }
}

TEST(Sources, RulesKnowNoClockAndNoThread) {
    const std::array pure = {"proto/base/", "proto/crypto/",      "proto/rules/",
                             "proto/wire/", "coordinator/round/", "client/session/"};
    const std::array bans = {"system_clock", "steady_clock", "std::thread", "sleep_for",
                             "std::mutex"};
    for (const SourceFile& file : source_files()) {
        for (const char* folder : pure) {
            if (!file.path.starts_with(folder)) continue;
            for (std::size_t i = 0; i < file.lines.size(); ++i) {
                const std::string_view line = file.lines[i];
                const auto code = line.substr(0, line.find("//"));
                for (const char* ban : bans) {
                    EXPECT_EQ(code.find(ban), std::string_view::npos)
                        << file.path << ":" << i + 1 << ": " << ban
                        << " belongs to a host; take the time as an argument";
                }
            }
        }
    }
}

TEST(Sources, HaveNoLeftovers) {
    const std::string fix = std::string("FIX") + "ME";
    const std::string todo = std::string("TO") + "DO";
    for (const SourceFile& file : source_files()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            EXPECT_EQ(file.lines[i].find(fix), std::string::npos) << file.path << ":" << i + 1;
            EXPECT_EQ(file.lines[i].find(todo), std::string::npos) << file.path << ":" << i + 1;
        }
    }
}

}  // namespace
}  // namespace fedstake::lint
