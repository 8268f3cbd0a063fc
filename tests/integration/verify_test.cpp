// An auditor recomputes a finished round from what the coordinator keeps; tampering shows.
#include <sqlite3.h>

#include <csignal>

#include <gtest/gtest.h>

#include "coordinator/round/record_codec.hpp"
#include "proto/base/exit_code.hpp"
#include "tests/integration/program_output.hpp"
#include "tests/integration/running_federation.hpp"

namespace fedstake::testing {
namespace {

using namespace std::chrono_literals;
using Mode = demo::Federation::CoordinatorMode;

// The record of round 1 in the coordinator's database, read and written behind its back.
class StoredRecord {
public:
    explicit StoredRecord(const std::filesystem::path& database) {
        opened_ = sqlite3_open(database.c_str(), &database_) == SQLITE_OK;
    }
    ~StoredRecord() { sqlite3_close(database_); }
    StoredRecord(const StoredRecord&) = delete;
    StoredRecord& operator=(const StoredRecord&) = delete;

    Result<round::RecordResult> read() {
        sqlite3_stmt* statement = nullptr;
        Bytes bytes;
        if (opened_ &&
            sqlite3_prepare_v2(database_, "SELECT record FROM rounds WHERE round = 1", -1,
                               &statement, nullptr) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW) {
            const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, 0));
            bytes.assign(data, data + sqlite3_column_bytes(statement, 0));
        }
        sqlite3_finalize(statement);
        return round::decode_record(bytes);
    }
    bool write(const round::RecordResult& record) {
        const Bytes bytes = round::encode_record(record);
        sqlite3_stmt* statement = nullptr;
        const bool done =
            sqlite3_prepare_v2(database_, "UPDATE rounds SET record = ? WHERE round = 1", -1,
                               &statement, nullptr) == SQLITE_OK &&
            sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()),
                              SQLITE_STATIC) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_DONE;
        sqlite3_finalize(statement);
        return done;
    }

private:
    sqlite3* database_ = nullptr;
    bool opened_ = false;
};

class Verify : public ::testing::Test {
protected:
    void SetUp() override {
        demo::Options options = small_options();
        options.rounds = 1;
        running_ = std::make_unique<RunningFederation>(options);
        FS_ASSERT_OK(running_->parts().found());
        FS_ASSERT_OK(running_->start_rounds());
        ASSERT_EQ(running_->wait_for_end(), 0) << running_->log();
    }
    // With a coordinator that only serves, for as long as the call takes.
    ProgramOutput verify(std::size_t site = 0) {
        demo::Federation& parts = running_->parts();
        const Status started = parts.start_coordinator(Mode::kServe);
        if (!started) return {.exit_code = -1, .text = started.error().message};
        ProgramOutput output = run_program(
            "fedstake-client", {"verify", "--config",
                                (parts.site_folder(parts.sites()[site]) / "client.toml").string(),
                                "--round", "1", "--timeout-s", "20"});
        parts.coordinator().stop();
        return output;
    }
    [[nodiscard]] std::filesystem::path data() const {
        return running_->parts().coordinator_folder() / "data";
    }
    [[nodiscard]] std::filesystem::path blob(const std::string& root) const {
        const std::string name = root.substr(2);
        return data() / "blobs" / name.substr(0, 2) / name;
    }

    std::unique_ptr<RunningFederation> running_;
};

TEST_F(Verify, MatchesEveryFigureAndIsForAuditorsOnly) {
    const ProgramOutput fine = verify();
    EXPECT_EQ(fine.exit_code, 0) << fine.text;
    EXPECT_NE(fine.text.find("verified: every figure matches"), std::string::npos) << fine.text;
    const ProgramOutput outsider = verify(3);  // trains, but does not audit
    EXPECT_EQ(outsider.exit_code, exit_code(ExitCode::kUnauthorized)) << outsider.text;
}

TEST_F(Verify, EndsWithItsOwnCodeWhenInterrupted) {
    demo::Federation& parts = running_->parts();  // no coordinator is running
    const std::string config = (parts.site_folder(parts.sites()[0]) / "client.toml").string();
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"verify", "--round", "1"}, {"status"}}) {
        std::vector<std::string> arguments = words;
        arguments.insert(arguments.end(), {"--config", config, "--timeout-s", "60"});
        auto client = demo::Process::start({.name = words.front(),
                                            .program = bin_dir() / "fedstake-client",
                                            .arguments = arguments,
                                            .log = running_->folder() / "interrupted.log"});
        FS_ASSERT_OK(client);
        EXPECT_FALSE(client->wait_for(2s));
        client->signal(SIGINT);
        EXPECT_EQ(client->wait_for(10s).value_or(-1), exit_code(ExitCode::kInterrupted))
            << read_text(running_->folder() / "interrupted.log");
    }
}

TEST_F(Verify, ARoundThatIsNotThereIsNotFound) {
    demo::Federation& parts = running_->parts();
    FS_ASSERT_OK(parts.start_coordinator(Mode::kServe));
    const ProgramOutput output = run_program(
        "fedstake-client",
        {"verify", "--config", (parts.site_folder(parts.sites()[0]) / "client.toml").string(),
         "--round", "99", "--timeout-s", "20"});
    EXPECT_EQ(output.exit_code, exit_code(ExitCode::kNotFound)) << output.text;
}

TEST_F(Verify, OneFlippedByteInAStoredUpdateIsNamed) {
    const auto accepted = running_->events("update_accepted", in_round(1));
    ASSERT_FALSE(accepted.empty());
    const auto path = blob(accepted.front().at("update_root").get<std::string>());
    std::string bytes = read_text(path);
    ASSERT_FALSE(bytes.empty()) << path;
    bytes[5] = static_cast<char>(bytes[5] ^ 1);
    std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    write_text(path, bytes);
    const ProgramOutput output = verify();
    EXPECT_EQ(output.exit_code, exit_code(ExitCode::kCorrupt)) << output.text;
    const std::string root = accepted.front().at("update_root").get<std::string>();
    EXPECT_NE(output.text.find(root), std::string::npos) << output.text;
}

TEST_F(Verify, AChangedScoreIsNamed) {
    StoredRecord stored(data() / "coordinator.db");
    auto record = stored.read();
    FS_ASSERT_OK(record);
    ASSERT_FALSE(record->report.sites.empty());
    record->report.sites.front().score += 1;
    ASSERT_TRUE(stored.write(*record));
    const ProgramOutput output = verify();
    EXPECT_EQ(output.exit_code, exit_code(ExitCode::kVerifyFailed)) << output.text;
    EXPECT_NE(output.text.find("MISMATCH  score of"), std::string::npos) << output.text;
}

TEST_F(Verify, AChangedModelIsNamed) {
    StoredRecord stored(data() / "coordinator.db");
    auto record = stored.read();
    FS_ASSERT_OK(record);
    record->commitment.model.bytes[0] ^= 1;
    ASSERT_TRUE(stored.write(*record));
    const ProgramOutput output = verify();
    EXPECT_EQ(output.exit_code, exit_code(ExitCode::kVerifyFailed)) << output.text;
    EXPECT_NE(output.text.find("MISMATCH  model"), std::string::npos) << output.text;
}

}  // namespace
}  // namespace fedstake::testing
