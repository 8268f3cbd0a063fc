// One JSON object a line, appended.
#include "coordinator/app/event_log.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/temp_dir.hpp"

namespace fedstake::coordinator {
namespace {

std::vector<nlohmann::json> lines_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::vector<nlohmann::json> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(nlohmann::json::parse(line));
    }
    return lines;
}

TEST(EventLog, AppendsOneObjectALine) {
    fedstake::testing::TempDir dir;
    for (int run = 0; run < 2; ++run) {
        auto log = EventLog::open(dir / "events");
        ASSERT_TRUE(log.has_value());
        log->write(Timestamp{5}, "round_final", {{"round", run}});
    }
    const auto lines = lines_of(dir / "events");
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1]["event"], "round_final");
    EXPECT_EQ(lines[1]["at_ms"], 5);
    EXPECT_EQ(lines[1]["round"], 1);
}

TEST(EventLog, KeepsALineWholeWhateverTheTextHolds) {
    fedstake::testing::TempDir dir;
    auto log = EventLog::open(dir / "events");
    log->write(Timestamp{1}, "stopped", {{"reason", "two\nlines \"quoted\" \xff\xfe"}});
    ASSERT_EQ(lines_of(dir / "events").size(), 1U);
}

TEST(EventLog, NamesAFileThatCannotBeOpened) {
    fedstake::testing::TempDir dir;
    const auto log = EventLog::open(dir / "no/such/folder/events");
    ASSERT_FALSE(log.has_value());
    EXPECT_NE(log.error().message.find("no/such/folder"), std::string::npos);
}

TEST(EventLog, WithoutAFileIsSilent) {
    EventLog nowhere;
    nowhere.write(Timestamp{1}, "started", nlohmann::json::object());
}

}  // namespace
}  // namespace fedstake::coordinator
