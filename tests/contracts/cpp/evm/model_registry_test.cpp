// Released models on a real chain, and files against them.
#include "contracts/cpp/evm/model_registry.hpp"

#include "contracts/cpp/evm/federation_view.hpp"
#include "contracts/cpp/memory_chain.hpp"
#include "proto/crypto/keccak256.hpp"
#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;
using Kind = ModelVerdict::Kind;

class ModelRegistryTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto anvil = find_anvil(); !anvil) GTEST_SKIP() << anvil.error().message;
        chain_ = std::make_unique<TestChain>();
        Digest parent = test_federation();  // any word
        for (RoundNumber round = 1; round <= 3; ++round) {
            rounds_.push_back(sample_commitment(round, 0, parent));
            parent = rounds_.back().model;
            ASSERT_TRUE(chain_->send(
                kCoordinator, chain_->contracts().round_manager, chain_->abis().round_manager,
                "commitRound",
                {abi_of(rounds_.back()), AbiValue::bytes(chain::pack_signatures(audited(
                                             chain_->domain(), rounds_.back().struct_hash())))}));
        }
    }

    // The next version, of this round.
    Status publish(RoundNumber round, const std::string& file) {
        chain::PublishModel release;
        release.commitment = rounds_[round - 1];
        release.model_id = test_federation();
        const auto published = models();
        release.version = published.size() + 1;
        if (!published.empty()) release.parent = published.back().record;
        release.weights_sha256 = crypto::keccak256(as_bytes(file));
        release.weights_bytes = 100 + round;
        release.config_hash = crypto::keccak256(as_bytes("rules"));
        return chain_->send(kCoordinator, chain_->contracts().model_registry,
                            chain_->abis().model_registry, "publish",
                            {abi_of(release.commitment), abi_of(release)});
    }
    ModelFile file_of(RoundNumber round, const std::string& file) {
        return {.path = file,
                .sha256 = crypto::keccak256(as_bytes(file)),
                .bytes = 100 + round,
                .values_root = rounds_[round - 1].model};
    }
    std::vector<PublishedModel> models() {
        const auto found =
            read_models(chain_->node(), chain_->contracts(), chain_->abis(), test_federation());
        EXPECT_TRUE(found) << found.error().message;
        return found ? *found : std::vector<PublishedModel>{};
    }
    ModelVerdict judge(const ModelFile& file) {
        const auto verdict = judge_model_file(chain_->node(), chain_->contracts(), chain_->abis(),
                                              test_federation(), file);
        EXPECT_TRUE(verdict) << verdict.error().message;
        return verdict ? *verdict : ModelVerdict{};
    }
    Status set_status(std::uint64_t version, std::uint64_t status, const char* reason) {
        return chain_->send(kCoordinator, chain_->contracts().model_registry,
                            chain_->abis().model_registry, "setStatus",
                            {AbiValue::word(test_federation()), AbiValue::number(version),
                             AbiValue::number(status), AbiValue::text(reason)});
    }

    std::unique_ptr<TestChain> chain_;
    std::vector<crypto::RoundCommitment> rounds_;
};

TEST_F(ModelRegistryTest, PublishesFinalRoundsOnly) {
    EXPECT_EQ(*newest_final_round(chain_->node(), chain_->contracts(), chain_->abis()), 0U);
    const Status early = publish(1, "a");
    EXPECT_EQ(early.error().code, Errc::kNotNow);
    EXPECT_NE(early.error().message.find("round 1 is final at 20"), std::string::npos)
        << early.error().message;
    chain_->advance(kChallengeWindow + 1);
    EXPECT_EQ(*newest_final_round(chain_->node(), chain_->contracts(), chain_->abis()), 3U);
    EXPECT_TRUE(models().empty());
    ASSERT_TRUE(publish(1, "a"));
    ASSERT_TRUE(publish(3, "b"));
    const auto published = models();
    ASSERT_EQ(published.size(), 2U);
    EXPECT_EQ(published[1].version, 2U);
    EXPECT_EQ(published[1].round, 3U);
    EXPECT_EQ(published[1].parent, published[0].record);
    EXPECT_EQ(published[1].publisher, dev_key(kCoordinator).address());
    EXPECT_EQ(published[1].weights_root, rounds_[2].model);
    EXPECT_GT(published[1].published_at, 1'600'000'000U);
    EXPECT_NE(model_text(published[1]).find("CID          bafkrei"), std::string::npos);
}

TEST_F(ModelRegistryTest, TellsReleasedFilesFromOthers) {
    chain_->advance(kChallengeWindow + 1);
    EXPECT_EQ(judge(file_of(1, "a")).kind, Kind::kUnknown);
    ASSERT_TRUE(publish(1, "a"));
    ASSERT_TRUE(publish(2, "b"));
    const ModelVerdict released = judge(file_of(2, "b"));
    EXPECT_EQ(released.kind, Kind::kReleased);
    EXPECT_TRUE(released.lineage);
    EXPECT_TRUE(released.good());
    EXPECT_EQ(released.model.version, 2U);

    EXPECT_EQ(judge(file_of(2, "repacked")).kind, Kind::kSameValues);
    EXPECT_FALSE(judge(file_of(2, "repacked")).good());
    ModelFile altered = file_of(2, "altered");
    altered.values_root.bytes[5] ^= 1;
    EXPECT_EQ(judge(altered).kind, Kind::kUnknown);
    // The publisher wrote down the digest of a file with other values.
    ModelFile foreign = file_of(2, "b");
    foreign.values_root.bytes[5] ^= 1;
    EXPECT_EQ(judge(foreign).kind, Kind::kWrongValues);
    EXPECT_NE(judge(foreign).text().find("tell the consortium"), std::string::npos);
}

TEST_F(ModelRegistryTest, AWithdrawnVersionSpoilsWhatComesFromIt) {
    chain_->advance(kChallengeWindow + 1);
    ASSERT_TRUE(publish(1, "a"));
    ASSERT_TRUE(publish(2, "b"));
    ASSERT_TRUE(set_status(2, 1, "see version 3"));
    const ModelVerdict old = judge(file_of(2, "b"));
    EXPECT_EQ(old.kind, Kind::kDeprecated);
    EXPECT_TRUE(old.good());
    EXPECT_NE(old.text().find("see version 3"), std::string::npos);
    ASSERT_TRUE(set_status(1, 2, "poisoned"));
    const ModelVerdict revoked = judge(file_of(1, "a"));
    EXPECT_EQ(revoked.kind, Kind::kRevoked);
    EXPECT_FALSE(revoked.good());
    EXPECT_NE(revoked.text().find("REVOKED (\"poisoned\")"), std::string::npos);
    const ModelVerdict child = judge(file_of(2, "b"));
    EXPECT_FALSE(child.lineage);
    EXPECT_FALSE(child.good());
    const Json json = verdict_json(child, file_of(2, "b"));
    EXPECT_EQ(json.at("verdict"), "deprecated");
    EXPECT_EQ(json.at("lineage"), false);
    EXPECT_EQ(json.at("model").at("version"), 2);
}

// A second release of one round, with an evaluation: the file is the newest version's.
TEST_F(ModelRegistryTest, TheNewestVersionOfAFileCounts) {
    chain_->advance(kChallengeWindow + 1);
    ASSERT_TRUE(publish(1, "a"));
    ASSERT_TRUE(publish(1, "a"));
    EXPECT_EQ(judge(file_of(1, "a")).model.version, 2U);
}

}  // namespace
}  // namespace fedstake::evm
