// What a site keeps to prove a lie with.
#include "client/app/evidence_folder.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "client/app/state_store.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::client {
namespace {

wire::Receipt receipt_of(RoundNumber round, std::uint32_t attempt, std::uint8_t fill) {
    wire::Receipt receipt;
    receipt.receipt.round = round;
    receipt.receipt.attempt = attempt;
    receipt.receipt.update_root.bytes.fill(fill);
    receipt.signature.bytes.fill(27);
    return receipt;
}

wire::AttestRequest request_of(RoundNumber round, std::uint32_t attempt, std::uint8_t fill = 1) {
    wire::AttestRequest request;
    request.round = round;
    request.attempt = attempt;
    request.context = Bytes(300, fill);
    request.commitment.round = round;
    request.commitment.attempt = attempt;
    request.report = Bytes(100, fill);
    return request;
}

TEST(EvidenceFolder, GivesBackWhatItKept) {
    const testing::TempDir folder;
    const EvidenceFolder evidence(folder.path());
    EXPECT_TRUE(evidence.receipts(3).empty());
    ASSERT_TRUE(evidence.keep(receipt_of(3, 1, 5)));
    ASSERT_TRUE(evidence.keep(receipt_of(31, 1, 5)));
    ASSERT_TRUE(evidence.keep(request_of(3, 0)));
    ASSERT_EQ(evidence.receipts(3).size(), 1U);
    EXPECT_EQ(evidence.receipts(3)[0], receipt_of(3, 1, 5));
    ASSERT_EQ(evidence.requests(3).size(), 1U);
    EXPECT_EQ(evidence.requests(3)[0], request_of(3, 0));
    EXPECT_TRUE(evidence.requests(31).empty());
}

// The session's store writes where a challenge looks.
TEST(EvidenceFolder, IsTheStateStores) {
    const testing::TempDir folder;
    const auto store = StateStore::open(folder.path());
    ASSERT_TRUE(store);
    ASSERT_TRUE(store->store_receipt(receipt_of(7, 0, 9)));
    ASSERT_TRUE(store->store_audit(request_of(7, 0)));
    EXPECT_EQ(EvidenceFolder(folder.path()).receipts(7).size(), 1U);
    EXPECT_EQ(EvidenceFolder(folder.path()).requests(7).size(), 1U);
    EXPECT_EQ(EvidenceFolder(folder.path()).blob_path(Digest{}), store->blob_path(Digest{}));
}

TEST(EvidenceFolder, KeepsBothOfTwoThatContradictEachOther) {
    const testing::TempDir folder;
    const EvidenceFolder evidence(folder.path());
    for (int time = 0; time < 2; ++time) {
        ASSERT_TRUE(evidence.keep(receipt_of(3, 1, 5)));
        ASSERT_TRUE(evidence.keep(receipt_of(3, 1, 6)));
        ASSERT_TRUE(evidence.keep(request_of(3, 1, 5)));
        ASSERT_TRUE(evidence.keep(request_of(3, 1, 6)));
    }
    EXPECT_EQ(evidence.receipts(3).size(), 2U);
    EXPECT_EQ(evidence.requests(3).size(), 2U);
}

TEST(EvidenceFolder, IsNotFilledByAFlood) {
    const testing::TempDir folder;
    const EvidenceFolder evidence(folder.path());
    for (std::uint8_t i = 0; i < 50; ++i) ASSERT_TRUE(evidence.keep(receipt_of(3, 1, i)));
    EXPECT_EQ(evidence.receipts(3).size(), EvidenceFolder::kVersionsMax);
    ASSERT_TRUE(evidence.keep(receipt_of(3, 10, 1)));
    EXPECT_EQ(evidence.receipts(3).size(), EvidenceFolder::kVersionsMax + 1) << "another attempt";
}

TEST(EvidenceFolder, ForgetsRequestsOfFinalRoundsAndNoReceipts) {
    const testing::TempDir folder;
    const EvidenceFolder evidence(folder.path());
    ASSERT_TRUE(evidence.keep(receipt_of(3, 0, 1)));
    ASSERT_TRUE(evidence.keep(request_of(3, 0)));
    ASSERT_TRUE(evidence.keep(request_of(3 + EvidenceFolder::kRoundsKept, 0)));
    EXPECT_EQ(evidence.requests(3).size(), 1U);
    ASSERT_TRUE(evidence.keep(request_of(4 + EvidenceFolder::kRoundsKept, 0)));
    EXPECT_TRUE(evidence.requests(3).empty());
    EXPECT_EQ(evidence.receipts(3).size(), 1U);
}

TEST(EvidenceFolder, PassesOverWhatItCannotRead) {
    const testing::TempDir folder;
    const EvidenceFolder evidence(folder.path());
    ASSERT_TRUE(evidence.keep(receipt_of(3, 1, 5)));
    ASSERT_TRUE(evidence.keep(request_of(3, 1)));
    for (const char* name : {"receipts/3-2.bin", "audits/3-2.bin", "receipts/3.bin",
                             "receipts/x-1.bin", "audits/-1.bin", "audits/3-1.bin.new"}) {
        std::ofstream(folder / name) << "nothing of ours";
    }
    EXPECT_EQ(evidence.receipts(3).size(), 1U);
    EXPECT_EQ(evidence.requests(3).size(), 1U);
}

}  // namespace
}  // namespace fedstake::client
