// Fetches by the round thread: rights, and what a peer can make it do.
#include "coordinator/app/blob_desk.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace fedstake::coordinator {
namespace {

TEST(BlobDesk, HashesEachBlobOnceHoweverManyAreFetchedInTurn) {
    fedstake::testing::TempDir dir;
    const auto blobs = std::move(store::BlobStore::open(dir.path()).value());
    BlobDesk desk(*blobs);
    std::vector<Digest> roots;
    for (std::uint8_t i = 0; i < 20; ++i) {  // more than it keeps open
        roots.push_back(blobs->put(Bytes(1000, i)).value().root);
        desk.add_model(roots.back());
    }
    for (int turn = 0; turn < 5; ++turn) {
        for (const Digest& root : roots) {
            for (const bool auditor : {false, true}) {
                const auto info = desk.begin(auditor, {root});
                ASSERT_TRUE(std::holds_alternative<wire::FetchInfo>(info));
                const auto data = desk.chunk(auditor, {root, 0});
                ASSERT_TRUE(std::holds_alternative<wire::FetchData>(data));
            }
        }
    }
    EXPECT_EQ(desk.hashed(), roots.size());
}

TEST(BlobDesk, SingleUpdatesAreForAuditorsAndUnknownBlobsForNobody) {
    fedstake::testing::TempDir dir;
    const auto blobs = std::move(store::BlobStore::open(dir.path()).value());
    BlobDesk desk(*blobs);
    const Digest root = blobs->put(Bytes(10, 1)).value().root;
    const auto code = [&](bool auditor) {
        const auto answer = desk.begin(auditor, {root});
        const auto* refusal = std::get_if<wire::Refusal>(&answer);
        return refusal == nullptr ? std::nullopt : std::optional(refusal->code);
    };
    EXPECT_EQ(code(true), wire::RefusalCode::kNotFound);
    desk.add_for_auditors(root);
    EXPECT_EQ(code(true), std::nullopt);
    EXPECT_EQ(code(false), wire::RefusalCode::kNotAuditor);
}

}  // namespace
}  // namespace fedstake::coordinator
