// The database: durable transactions, damage and other releases named, one process a folder.
#include <sys/wait.h>
#include <unistd.h>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/store/data_dir.hpp"
#include "coordinator/store/event_journal.hpp"
#include "coordinator/store/meta_table.hpp"
#include "coordinator/store/migrations.hpp"
#include "coordinator/store/sqlite.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::store {
namespace {

using ::testing::HasSubstr;

TEST(DataDir, RefusesASecondCoordinator) {
    fedstake::testing::TempDir dir;
    auto first = DataDir::open(dir / "data");
    ASSERT_TRUE(first.has_value()) << first.error().message;
    auto second = DataDir::open(dir / "data");
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Errc::kConflict);
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string(::getpid())));
    EXPECT_THAT(second.error().message, HasSubstr("another coordinator"));
    { DataDir gone = std::move(*first); }
    EXPECT_TRUE(DataDir::open(dir / "data").has_value());
}

TEST(Database, RollsBackWhatFails) {
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    ASSERT_TRUE(db.has_value()) << db.error().message;
    const auto failed = (*db)->transact([&](Connection& c) -> Status {
        FS_TRY(put_meta(c, "key", Bytes{1}));
        return fail(Errc::kInternal, "no");
    });
    EXPECT_FALSE(failed.has_value());
    const auto value = (*db)->read([](Connection& c) { return get_meta(c, "key"); });
    ASSERT_TRUE(value.has_value());
    EXPECT_FALSE(value->has_value());
}

TEST(Database, UsesTheDurableSettings) {
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    const auto setting = [&](std::string_view pragma) {
        return (*db)->read([&](Connection& c) -> Result<std::string> {
            FS_ASSIGN(Statement statement, c.prepare(pragma));
            FS_TRY(statement.step());
            return statement.text(0);
        });
    };
    EXPECT_EQ(setting("PRAGMA journal_mode").value(), "wal");
    EXPECT_EQ(setting("PRAGMA synchronous").value(), "2");
    EXPECT_EQ(setting("PRAGMA foreign_keys").value(), "1");
    EXPECT_EQ(setting("PRAGMA user_version").value(), std::to_string(kSchemaVersion));
}

TEST(Database, NamesADamagedFile) {
    fedstake::testing::TempDir dir;
    {
        std::ofstream file(dir / "a.db", std::ios::binary);
        file << std::string(8192, 'x');
    }
    const auto db = Database::open(dir / "a.db");
    ASSERT_FALSE(db.has_value());
    EXPECT_EQ(db.error().code, Errc::kCorrupt);
    EXPECT_THAT(db.error().message, HasSubstr("a.db"));
}

TEST(Database, RefusesAFileOfALaterRelease) {
    fedstake::testing::TempDir dir;
    {
        auto db = Database::open(dir / "a.db");
        ASSERT_TRUE((*db)
                        ->read([](Connection& c) { return c.execute("PRAGMA user_version=99"); })
                        .has_value());
    }
    const auto db = Database::open(dir / "a.db");
    ASSERT_FALSE(db.has_value());
    EXPECT_EQ(db.error().code, Errc::kConflict);
    EXPECT_THAT(db.error().message, HasSubstr("later release"));
}

TEST(Meta, BindsAFolderToItsFederation) {
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    EXPECT_TRUE(bind_meta(**db, "federation", Bytes{1}, "another federation").has_value());
    EXPECT_TRUE(bind_meta(**db, "federation", Bytes{1}, "another federation").has_value());
    const auto other = bind_meta(**db, "federation", Bytes{2}, "another federation");
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().code, Errc::kConflict);
    EXPECT_EQ(other.error().message, "another federation");
}

TEST(EventJournal, KeepsOrderAndTimes) {
    fedstake::testing::TempDir dir;
    {
        auto db = Database::open(dir / "a.db");
        EventJournal journal(**db);
        EXPECT_EQ(journal.append(Timestamp{5}, Bytes{1}).value(), 1U);
        EXPECT_EQ(journal.append(Timestamp{4}, Bytes{2, 2}).value(), 2U);
        EXPECT_EQ(journal.performed().value(), 0U);
        EXPECT_TRUE(journal.mark_performed(1).has_value());
    }
    auto db = Database::open(dir / "a.db");
    EventJournal journal(**db);
    EXPECT_EQ(journal.performed().value(), 1U);
    std::vector<std::pair<std::int64_t, Bytes>> seen;
    ASSERT_TRUE(journal
                    .replay([&](std::uint64_t, Timestamp at, ByteView event) -> Status {
                        seen.emplace_back(at.ms, Bytes(event.begin(), event.end()));
                        return {};
                    })
                    .has_value());
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], (std::pair<std::int64_t, Bytes>(5, {1})));
    EXPECT_EQ(seen[1], (std::pair<std::int64_t, Bytes>(4, {2, 2})));
}

TEST(EventJournal, NoticesAMissingEntry) {
    fedstake::testing::TempDir dir;
    auto db = Database::open(dir / "a.db");
    EventJournal journal(**db);
    for (std::uint8_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(journal.append(Timestamp{i}, Bytes{i}).has_value());
    }
    ASSERT_TRUE((*db)
                    ->transact([](Connection& c) {
                        return c.execute("DELETE FROM journal WHERE sequence=2");
                    })
                    .has_value());
    const auto replayed =
        journal.replay([](std::uint64_t, Timestamp, ByteView) { return Status{}; });
    ASSERT_FALSE(replayed.has_value());
    EXPECT_EQ(replayed.error().code, Errc::kCorrupt);
}

// A child appends and dies by SIGKILL at a random point: what it acknowledged is there.
TEST(EventJournal, LosesNothingAcknowledgedToKill) {
    fedstake::testing::TempDir dir;
    for (int life = 0; life < 5; ++life) {
        int fds[2];
        ASSERT_EQ(::pipe(fds), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::close(fds[0]);
            auto db = Database::open(dir / "a.db");
            if (!db) {
                ::_exit(1);
            }
            EventJournal journal(**db);
            for (;;) {
                const auto sequence = journal.append(Timestamp{life}, Bytes(100, 7));
                if (!sequence || ::write(fds[1], &*sequence, sizeof *sequence) < 0) {
                    ::_exit(2);
                }
            }
        }
        ::close(fds[1]);
        std::uint64_t acknowledged = 0;
        for (int i = 0; i <= life * 3; ++i) {
            ASSERT_EQ(::read(fds[0], &acknowledged, sizeof acknowledged),
                      static_cast<ssize_t>(sizeof acknowledged));
        }
        ::kill(child, SIGKILL);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
        ::close(fds[0]);
        auto db = Database::open(dir / "a.db");
        ASSERT_TRUE(db.has_value()) << db.error().message;
        EventJournal journal(**db);
        std::uint64_t last = 0;
        ASSERT_TRUE(journal
                        .replay([&](std::uint64_t sequence, Timestamp, ByteView) -> Status {
                            last = sequence;
                            return {};
                        })
                        .has_value());
        EXPECT_GE(last, acknowledged);
    }
}

}  // namespace
}  // namespace fedstake::store
