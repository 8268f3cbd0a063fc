// Proofs built in C++ against the contracts: an honest round stands whatever is shown, every lie
// that the proofs cover is convicted.
#include "contracts/cpp/evm/proof_desk.hpp"

#include <cmath>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>

#include "proto/base/rng.hpp"
#include "tests/contracts/cpp/evm/challenged_round.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;

// Bytes of calldata that are changed in all; FEDSTAKE_MUTATIONS=N for more.
std::size_t mutations() {
    const char* const wanted = std::getenv("FEDSTAKE_MUTATIONS");
    return wanted == nullptr ? 2000 : static_cast<std::size_t>(std::atoll(wanted));
}

template <class Value>
BlobOpening open(const TempDir& folder, const ChallengedRound& round,
                 const std::vector<Value>& values, std::uint64_t coordinate) {
    return OpenableBlob::open(round.store(folder.path(), values))
        .value()
        .leaf_of(coordinate)
        .value();
}

ProofCall aggregate_proof(const ChallengedRound& round, std::uint64_t coordinate) {
    const TempDir folder;
    std::vector<BlobOpening> openings;
    for (std::size_t i = 0; i < round.values.size(); ++i) {
        if (round.report.sites[i].weight == 0) continue;
        openings.push_back(open(folder, round, round.values[i], coordinate));
    }
    return prove_bad_aggregate(round.commitment, round.documents(), coordinate,
                               open(folder, round, round.aggregate, coordinate), openings);
}

ProofCall model_proof(const ChallengedRound& round, std::uint64_t coordinate) {
    const TempDir folder;
    return prove_bad_model(round.commitment, round.documents(), coordinate,
                           open(folder, round, round.base, coordinate),
                           open(folder, round, round.aggregate, coordinate),
                           open(folder, round, round.model, coordinate));
}

ProofCall size_proof(const ChallengedRound& round) {
    const TempDir folder;
    const auto blob = OpenableBlob::open(round.store(folder.path(), round.model)).value();
    return prove_wrong_size(round.commitment, {}, RoundBlob::kModel, 0, blob.content().total_bytes,
                            blob.top());
}

ProofCall gate_proof(const ChallengedRound& round, std::size_t site, std::uint64_t coordinate) {
    const TempDir folder;
    return prove_gate_missed(round.commitment, round.documents(), site, coordinate,
                             open(folder, round, round.values[site], coordinate));
}

// Every proof about the round, with what is true.
std::vector<ProofCall> all_proofs(const ChallengedRound& round, const ParentDocuments& parent) {
    const auto leaves = round.leaves();
    const crypto::RoundCommitment& c = round.commitment;
    std::vector<ProofCall> calls = {prove_updates_differ(c, leaves, round.report_bytes),
                                    prove_bad_report(c, round.documents()),
                                    prove_copy_accepted(c, round.report_bytes, 0, 1),
                                    prove_bad_context(c, round.context_bytes, parent),
                                    prove_bad_settlement(c, round.documents()),
                                    size_proof(round)};
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        calls.push_back(prove_omission(c, leaves, round.receipt(i)));
        calls.push_back(
            prove_bad_signature(c, leaves, i, round.updates[i].signature, round.context_bytes, i)
                .value());
        calls.push_back(prove_foreign_statement(c, leaves, i, round.updates[i].statement).value());
    }
    for (const std::uint64_t coordinate : {std::uint64_t{0}, c.coordinates - 1}) {
        calls.push_back(aggregate_proof(round, coordinate));
        calls.push_back(model_proof(round, coordinate));
        calls.push_back(gate_proof(round, 0, coordinate));
    }
    return calls;
}

Bytes calldata_of(const ProofDesk& desk, const ProofCall& call) {
    return desk.abi_of(call.prover).encode_call(call.function, call.arguments).value();
}

class ProofDeskOnAChain : public ::testing::Test {
protected:
    void SetUp() override {
        FEDSTAKE_NEED_ANVIL();
        chain_ = std::make_unique<TestChain>();
        auto desk = ProofDesk::open(chain_->node(), chain_->contracts());
        ASSERT_TRUE(desk) << desk.error().message;
        desk_.emplace(std::move(*desk));
    }
    [[nodiscard]] Address prover() const { return owner_key(3).address(); }
    ProofTrial attempt(const ProofCall& call) {
        auto trial = desk_->attempt(call, prover());
        EXPECT_TRUE(trial) << call.function << ": " << (trial ? "" : trial.error().message);
        return trial ? *trial : ProofTrial{};
    }
    // The chain as it was.
    std::string snapshot() {
        return chain_->node().raw("evm_snapshot", Json::array()).value().get<std::string>();
    }
    void go_back(const std::string& to) {
        ASSERT_TRUE(chain_->node().raw("evm_revert", Json::array({to})));
    }

    std::unique_ptr<TestChain> chain_;
    std::optional<ProofDesk> desk_;
};

TEST_F(ProofDeskOnAChain, RefusesEveryProofAboutHonestRounds) {
    for (const std::string rule : {"mean", "trimmed-mean", "median", "geometric-median"}) {
        const std::string before = snapshot();
        ChallengedRound round(*chain_, rule);
        ParentDocuments parent;
        for (int rounds = 0; rounds < 2; ++rounds) {
            const Status posted = round.post();
            ASSERT_TRUE(posted) << posted.error().message;
            for (const ProofCall& call : all_proofs(round, parent)) {
                const ProofTrial trial = attempt(call);
                EXPECT_FALSE(trial.convicts) << rule << " " << call.function;
                EXPECT_EQ(trial.error, "NoFault") << rule << " " << call.function;
            }
            parent = {round.commitment, round.context_bytes, round.report_bytes};
            round.go_on();
        }
        go_back(before);
    }
}

// A lie: what is changed, and the proof of it.
struct Lie {
    std::string name;
    std::function<void(ChallengedRound&)> tell;
    std::function<ProofCall(const ChallengedRound&)> prove;
};

std::vector<Lie> lies_about_values() {
    return {
        {"one unit of the aggregate, and the model follows",
         [](ChallengedRound& r) {
             r.aggregate[257] += 1;
             r.reapply();
             r.rename_values();
             r.write_report();
         },
         [](const ChallengedRound& r) { return aggregate_proof(r, 257); }},
        {"the last place of one parameter",
         [](ChallengedRound& r) {
             r.model[599] = std::nextafter(r.model[599], 10.0F);
             r.rename_values();
             r.write_report();
         },
         [](const ChallengedRound& r) { return model_proof(r, 599); }},
        {"a model of another size",
         [](ChallengedRound& r) {
             r.model.push_back(0.0F);
             r.rename_values();
             r.write_report();
         },
         [](const ChallengedRound& r) { return size_proof(r); }},
        {"a value beyond the gate",
         [](ChallengedRound& r) {
             r.values[0][300] = r.rules.aggregation.coordinate_max + 1;
             const TempDir folder;
             const Digest root =
                 OpenableBlob::open(r.store(folder.path(), r.values[0])).value().content().root;
             r.report.sites[0].update_root = root;
             r.write_report();
         },
         [](const ChallengedRound& r) { return gate_proof(r, 0, 300); }},
    };
}

std::vector<Lie> lies_in_documents() {
    return {
        {"a score of one more, and everything follows",
         [](ChallengedRound& r) {
             r.report.sites[0].score = 1'000'001;
             r.write_report();
         },
         [](const ChallengedRound& r) {
             return prove_bad_settlement(r.commitment, r.documents());
         }},
        {"one wei more", [](ChallengedRound& r) { r.commitment.reward_total += 1; },
         [](const ChallengedRound& r) {
             return prove_bad_settlement(r.commitment, r.documents());
         }},
        {"an update left out",
         [](ChallengedRound& r) {
             r.updates.erase(r.updates.begin() + 1);
             r.rename_updates();
         },
         [](const ChallengedRound& r) {
             return prove_updates_differ(r.commitment, r.leaves(), r.report_bytes);
         }},
        {"a weight for a site that was excluded",
         [](ChallengedRound& r) {
             r.report.sites[2].standing = rules::Standing::kExcluded;
             r.write_report();
         },
         [](const ChallengedRound& r) { return prove_bad_report(r.commitment, r.documents()); }},
        {"an update that counts twice",
         [](ChallengedRound& r) {
             r.report.sites[3].update_root = r.report.sites[1].update_root;
             r.write_report();
         },
         [](const ChallengedRound& r) {
             return prove_copy_accepted(r.commitment, r.report_bytes, 1, 3);
         }},
        {"rewards before the first round",
         [](ChallengedRound& r) {
             r.context.cohort[0].cumulative_reward = 5;
             r.write_context();
         },
         [](const ChallengedRound& r) {
             return prove_bad_context(r.commitment, r.context_bytes, {});
         }},
        {"a forged signature",
         [](ChallengedRound& r) {
             r.updates[4].signature = r.updates[3].signature;
             r.rename_updates();
         },
         [](const ChallengedRound& r) {
             return prove_bad_signature(r.commitment, r.leaves(), 4, r.updates[4].signature,
                                        r.context_bytes, 4)
                 .value();
         }},
        {"a statement of another attempt",
         [](ChallengedRound& r) {
             r.updates[2].statement.attempt = 1;
             r.rename_updates();
         },
         [](const ChallengedRound& r) {
             return prove_foreign_statement(r.commitment, r.leaves(), 2, r.updates[2].statement)
                 .value();
         }},
    };
}

TEST_F(ProofDeskOnAChain, ConvictsEveryLie) {
    auto lies = lies_about_values();
    for (Lie& lie : lies_in_documents()) lies.push_back(std::move(lie));
    for (const Lie& lie : lies) {
        const std::string before = snapshot();
        ChallengedRound round(*chain_, "mean");
        lie.tell(round);
        const Status posted = round.post();
        ASSERT_TRUE(posted) << lie.name << ": " << posted.error().message;
        const ProofTrial trial = attempt(lie.prove(round));
        EXPECT_TRUE(trial.convicts) << lie.name << ": " << trial.reason;
        EXPECT_GT(trial.gas, 50'000U);
        go_back(before);
    }
}

TEST_F(ProofDeskOnAChain, ConvictsAnOmissionByItsReceipt) {
    ChallengedRound round(*chain_, "mean");
    const SignedReceipt receipt = round.receipt(1);
    round.updates.erase(round.updates.begin() + 1);
    round.rename_updates();
    ASSERT_TRUE(round.post());
    const ProofTrial trial = attempt(prove_omission(round.commitment, round.leaves(), receipt));
    EXPECT_TRUE(trial.convicts) << trial.reason;
}

TEST_F(ProofDeskOnAChain, VoidsTheRoundAndSaysWhoLostWhat) {
    for (std::size_t site = 0; site < 3; ++site) chain_->enroll(site, 1000);
    const auto coordinator = dev_key(kCoordinator);
    ASSERT_TRUE(mint_test_tokens(chain_->node(), dev_key(kDeployer), chain_->contracts().token,
                                 coordinator.address(), 600));
    ASSERT_TRUE(SiteAccount::open(chain_->node(), coordinator, chain_->contracts())->stake(600));
    ChallengedRound round(*chain_, "mean");
    round.aggregate[7] -= 3;
    round.reapply();
    round.rename_values();
    round.write_report();
    ASSERT_TRUE(round.post());
    const auto key = owner_key(3);
    const auto conviction = desk_->submit(aggregate_proof(round, 7), key);
    ASSERT_TRUE(conviction) << conviction.error().message;
    EXPECT_EQ(conviction->voided_from, 1U);
    EXPECT_EQ(conviction->voided_to, 1U);
    // Half of the coordinator's, 20 % of each of the two auditors who signed; a quarter of it all
    // is the prover's.
    std::map<Address, Amount> lost;
    for (const Slashed& one : conviction->slashed) lost[one.account] = one.amount;
    EXPECT_EQ(lost, (std::map<Address, Amount>{{coordinator.address(), 300},
                                               {owner_key(0).address(), 200},
                                               {owner_key(1).address(), 200}}));
    EXPECT_EQ(conviction->bounty, Amount{175});
    EXPECT_EQ(desk_->committed(1)->state, RoundState::kVoided);
    // The same proof again convicts nobody.
    EXPECT_FALSE(attempt(aggregate_proof(round, 7)).convicts);
}

TEST_F(ProofDeskOnAChain, ConvictsASiteThatSignedTwoUpdates) {
    chain_->enroll(0, 1000);
    rules::SignedUpdate a;
    a.statement = {.federation = test_federation(),
                   .round = 4,
                   .attempt = 1,
                   .site = owner_key(0).address(),
                   .base_model = {},
                   .update_root = {},
                   .coordinates = 10,
                   .details_digest = {}};
    rules::SignedUpdate b = a;
    b.statement.update_root.bytes[3] = 1;
    for (rules::SignedUpdate* update : {&a, &b}) {
        update->signature =
            crypto::sign_statement(chain_->domain(), update->statement, signer_key(0));
    }
    EXPECT_EQ(attempt(prove_equivocation(a, a)).error, "NoContradiction");
    const auto key = owner_key(3);
    const auto conviction = desk_->submit(prove_equivocation(a, b), key);
    ASSERT_TRUE(conviction) << conviction.error().message;
    EXPECT_EQ(conviction->voided_from, 0U);
    ASSERT_EQ(conviction->slashed.size(), 1U);
    EXPECT_EQ(conviction->slashed[0].amount, Amount{100});
    EXPECT_EQ(attempt(prove_equivocation(b, a)).error, "AlreadyProven");
}

TEST_F(ProofDeskOnAChain, ConvictsACoordinatorOfTwoReceipts) {
    ChallengedRound round(*chain_, "mean");
    const SignedReceipt first = round.receipt(0);
    SignedReceipt second = first;
    second.receipt.update_root.bytes[0] ^= 1;
    second.signature =
        crypto::sign_statement(chain_->domain(), second.receipt, dev_key(kCoordinator));
    const std::uint16_t epoch = desk_->current_epoch().value();
    EXPECT_EQ(attempt(prove_coordinator_equivocation(epoch, first, first)).error,
              "NoContradiction");
    const ProofTrial trial = attempt(prove_coordinator_equivocation(epoch, first, second));
    EXPECT_TRUE(trial.convicts) << trial.reason;
}

TEST_F(ProofDeskOnAChain, FindsTheCommitmentBehindTheHash) {
    ChallengedRound round(*chain_, "mean");
    ASSERT_TRUE(round.post());
    const auto committed = desk_->committed(1);
    ASSERT_TRUE(committed) << committed.error().message;
    EXPECT_EQ(committed->state, RoundState::kCommitted);
    EXPECT_EQ(committed->commitment, round.commitment.struct_hash());
    const auto posted = desk_->posted_commitment(1, committed->commitment);
    ASSERT_TRUE(posted) << posted.error().message;
    EXPECT_EQ(*posted, round.commitment);
    EXPECT_EQ(desk_->posted_commitment(1, Digest{}).error().code, Errc::kNotFound);
    EXPECT_EQ(desk_->committed(2)->state, RoundState::kNone);
}

TEST_F(ProofDeskOnAChain, OpensADisputeWithABond) {
    ChallengedRound round(*chain_, "mean");
    ASSERT_TRUE(round.post());
    const Amount bond = desk_->bond_for(1).value();
    const auto key = owner_key(3);
    const auto poor = desk_->dispute(round.commitment, Digest{}, bond, key);
    ASSERT_FALSE(poor);
    EXPECT_NE(poor.error().message.find("needs a bond of"), std::string::npos);
    ASSERT_TRUE(mint_test_tokens(chain_->node(), dev_key(kDeployer), chain_->contracts().token,
                                 key.address(), bond));
    const auto dispute = desk_->dispute(round.commitment, Digest{}, bond, key);
    ASSERT_TRUE(dispute) << dispute.error().message;
    EXPECT_EQ(dispute->bond, bond);
    EXPECT_GT(dispute->deadline, chain_->node().latest_block()->timestamp);
    EXPECT_EQ(chain_->tokens_of(key.address()), Amount{0});
}

// Whatever byte of a proof is another one, an honest round stands.
TEST_F(ProofDeskOnAChain, NoChangedByteConvictsAnHonestRound) {
    ChallengedRound round(*chain_, "trimmed-mean");
    ASSERT_TRUE(round.post());
    const ParentDocuments parent{round.commitment, round.context_bytes, round.report_bytes};
    round.go_on();
    ASSERT_TRUE(round.post());
    const std::vector<ProofCall> calls = all_proofs(round, parent);
    const char* const chosen = std::getenv("FEDSTAKE_SEED");
    const std::uint64_t seed =
        chosen == nullptr ? 1 : static_cast<std::uint64_t>(std::atoll(chosen));
    std::cout << "seed " << seed << ", " << mutations()
              << " bytes (FEDSTAKE_SEED, FEDSTAKE_MUTATIONS)\n";
    Rng rng(seed);
    for (std::size_t i = 0; i < mutations(); ++i) {
        const ProofCall& call = calls[rng.below(calls.size())];
        Bytes data = calldata_of(*desk_, call);
        // Behind the selector: another function is another proof.
        const std::size_t at = 4 + rng.below(data.size() - 4);
        const auto flip = static_cast<std::uint8_t>(1 + rng.below(255));
        data[at] ^= flip;
        const auto outcome =
            chain_->node().call({prover(), desk_->address_of(call.prover), data, 0});
        ASSERT_TRUE(outcome) << outcome.error().message;
        ASSERT_TRUE(outcome->revert) << call.function << ": byte " << at << " ^ " << int{flip};
    }
}

}  // namespace
}  // namespace fedstake::evm
