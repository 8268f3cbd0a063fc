// A site that challenges rounds by what it keeps itself: there is no coordinator to ask.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/app/challenge_run.hpp"
#include "client/app/challenge_text.hpp"
#include "tests/contracts/cpp/evm/challenged_round.hpp"

namespace fedstake::client {

class ChallengeAlone : public ::testing::Test {
protected:
    [[nodiscard]] virtual evm::DeploymentConfig config() const {
        return testing::deployment_config();
    }
    void SetUp() override {
        FEDSTAKE_NEED_ANVIL();
        chain_ = std::make_unique<testing::TestChain>(evm::AnvilOptions{}, config());
        for (std::size_t site = 0; site < 3; ++site) chain_->enroll(site, 1000);
        auto desk = evm::ProofDesk::open(chain_->node(), chain_->contracts());
        ASSERT_TRUE(desk) << desk.error().message;
        desk_.emplace(std::move(*desk));
        begin("mean");
    }
    void begin(const std::string& rule, std::uint64_t coordinates = 600) {
        round_ = std::make_unique<testing::ChallengedRound>(*chain_, rule, 5, coordinates);
        site_.config.state = folder_ / "state";
        site_.config.keys = folder_ / "no-keys";  // so that no coordinator is asked
        site_.manifest.federation = testing::test_federation();
        site_.manifest.endpoint = "tcp://127.0.0.1:1";
        site_.manifest.coordinator = evm::dev_key(testing::kCoordinator).address();
        const evm::ContractAddresses& at = chain_->contracts();
        site_.manifest.chain = {.enabled = true,
                                .chain_id = at.chain_id,
                                .round_manager = at.round_manager,
                                .stake_vault = at.stake_vault,
                                .slash_court = at.slash_court,
                                .fault_prover = at.fault_prover,
                                .model_registry = at.model_registry,
                                .token = at.token,
                                .deployed_block = 0};
        site_.manifest.rules = round_->rules;
        // The sites of the made-up rounds, and their keys.
        site_.manifest.sites.clear();
        for (const rules::CohortMember& member : round_->context.cohort) {
            manifest::SiteEntry entry;
            entry.name = "site-" + std::to_string(site_.manifest.sites.size());
            entry.owner = member.site;
            entry.signer = member.signer;
            site_.manifest.sites.push_back(entry);
        }
        site_.entry = site_.manifest.sites[0];
        site_.entry.audits = true;
    }
    // What an auditor that was asked to sign the round keeps.
    void keep(bool with_blobs = true) {
        wire::AttestRequest request;
        request.round = round_->commitment.round;
        request.attempt = round_->commitment.attempt;
        request.context = round_->context_bytes;
        for (const auto& update : round_->updates) {
            request.signed_updates.push_back(update.encode());
        }
        request.commitment = round_->commitment;
        request.report = round_->report_bytes;
        const Status kept = EvidenceFolder(site_.config.state).keep(request);
        ASSERT_TRUE(kept) << kept.error().message;
        if (with_blobs) round_->store_all(site_.config.state / "blobs");
    }
    void post() {
        const Status posted = round_->post();
        ASSERT_TRUE(posted) << posted.error().message;
    }
    void post_and_keep() {
        post();
        keep();
    }
    Result<ChallengeOutcome> challenge(bool dry_run = false) {
        auto source = PaperSource::open(site_, std::chrono::seconds(1), stop_);
        if (!source) return tl::unexpected(source.error());
        const auto key = testing::owner_key(3);
        Challenge::Prove prove;
        if (!dry_run) {
            prove = [&](const ProvenFault& fault) {
                return desk_->submit(*fault.finding.proof, key);
            };
        }
        return Challenge(site_, *desk_, **source, key.address(), prove, stop_)
            .run(round_->commitment.round);
    }
    // Finds the fault, sends the proof, and the round is void.
    void expect_convicted(const std::string& figure, const std::string& words) {
        const auto outcome = challenge();
        ASSERT_TRUE(outcome) << outcome.error().message;
        const std::string text = outcome_text(*outcome, {}, {});
        ASSERT_EQ(outcome->proven.size(), 1U) << text;
        EXPECT_EQ(outcome->proven[0].finding.figure, figure) << outcome->proven[0].finding.text;
        EXPECT_THAT(outcome->proven[0].finding.text, ::testing::HasSubstr(words));
        ASSERT_TRUE(outcome->proven[0].conviction);
        EXPECT_EQ(challenge_word(*outcome, {}), "convicted");
        EXPECT_EQ(challenge_exit(*outcome, {}), ExitCode::kSuccess);
        EXPECT_EQ(desk_->committed(round_->commitment.round)->state, evm::RoundState::kVoided);
        EXPECT_FALSE(outcome->proven[0].conviction->slashed.empty());
    }

    testing::TempDir folder_;
    std::unique_ptr<testing::TestChain> chain_;
    std::optional<evm::ProofDesk> desk_;
    std::unique_ptr<testing::ChallengedRound> round_;
    Site site_;
    std::atomic<bool> stop_{false};
};

}  // namespace fedstake::client
