#include "client/session/session_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/session/session_fixture.hpp"

namespace fedstake::session::testing {
namespace {

TEST_F(SessionTest, SaysHelloOnEveryConnection) {
    SessionMachine machine(config(), signer_, {});
    for (int i = 0; i < 2; ++i) {
        const Actions actions = machine.step(LinkUp{});
        const auto* send = find<Send>(actions);
        ASSERT_NE(send, nullptr);
        EXPECT_TRUE(std::holds_alternative<wire::Hello>(send->message));
        (void)machine.step(LinkDown{});
    }
}

TEST_F(SessionTest, LeavesAFederationThatIsNotItsOwn) {
    SessionMachine machine(config(), signer_, {});
    wire::Welcome welcome;
    welcome.federation = digest_of("another");
    welcome.rules_digest = digest_of("rules");
    const Actions actions = machine.step(Received{welcome});
    const auto* finish = find<Finish>(actions);
    ASSERT_NE(finish, nullptr);
    EXPECT_FALSE(finish->success);
    EXPECT_THAT(finish->reason, ::testing::HasSubstr("manifest"));
}

TEST_F(SessionTest, LeavesWhenTheRulesAreNotTheAgreedOnes) {
    SessionMachine machine(config(), signer_, {});
    wire::Welcome welcome;
    welcome.federation = digest_of("federation");
    welcome.rules_digest = digest_of("other rules");
    EXPECT_NE(find<Finish>(machine.step(Received{welcome})), nullptr);
    EXPECT_FALSE(machine.welcomed());
}

TEST_F(SessionTest, FetchesTrainsSignsStoresAndUploadsInThisOrder) {
    SessionMachine machine(config(), signer_, {});
    (void)machine.step(LinkUp{});
    const Actions opened = machine.step(open(context()));
    ASSERT_NE(find<EnsureBlob>(opened), nullptr);
    EXPECT_EQ(find<EnsureBlob>(opened)->root, digest_of("base"));
    EXPECT_NE(find<Train>(machine.step(BlobReady{digest_of("base")})), nullptr);
    const Actions done = machine.step(Trained{.round = 1,
                                              .attempt = 0,
                                              .update_root = digest_of("update"),
                                              .coordinates = 4,
                                              .details = {9}});
    ASSERT_EQ(done.size(), 2U);
    ASSERT_TRUE(std::holds_alternative<StoreSigned>(done[0]));
    ASSERT_TRUE(std::holds_alternative<Upload>(done[1]));
    const rules::SignedUpdate& update = std::get<Upload>(done[1]).update;
    EXPECT_EQ(update, std::get<StoreSigned>(done[0]).update);
    EXPECT_TRUE(crypto::verify_statement(config().domain, update.statement, update.signature,
                                         signer_key_.address()));
    EXPECT_EQ(update.statement.base_model, digest_of("base"));
}

TEST_F(SessionTest, RefusesARoundThatDoesNotHoldThisSite) {
    SessionMachine machine(config(), signer_, {});
    RoundContext other = context();
    other.cohort.erase(other.cohort.begin() + 1);
    const Actions actions = machine.step(open(other));
    EXPECT_EQ(find<EnsureBlob>(actions), nullptr);
    ASSERT_NE(find<Notify>(actions), nullptr);
    EXPECT_THAT(find<Notify>(actions)->text, ::testing::HasSubstr("not in its cohort"));
}

TEST_F(SessionTest, RefusesUnreadableContexts) {
    SessionMachine machine(config(), signer_, {});
    const Actions actions =
        machine.step(Received{wire::RoundOpen{.context = {1, 2, 3}, .remaining = {1}}});
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_NE(find<Notify>(actions), nullptr);
}

TEST_F(SessionTest, SendsTheSameSignedUpdateWhenTheRoundIsOpenedAgain) {
    SessionMachine machine(config(), signer_, {});
    const rules::SignedUpdate first = train(machine, context());
    (void)machine.step(LinkDown{});
    (void)machine.step(LinkUp{});
    const Actions again = machine.step(open(context()));
    ASSERT_NE(find<Upload>(again), nullptr);
    EXPECT_EQ(find<Upload>(again)->update, first);
    EXPECT_EQ(find<EnsureBlob>(again), nullptr);
}

TEST_F(SessionTest, SendsTheStoredUpdateAfterARestart) {
    SessionMachine before(config(), signer_, {});
    const rules::SignedUpdate stored = train(before, context());
    SessionMachine after(config(), signer_, {stored});
    const Actions actions = after.step(open(context()));
    ASSERT_NE(find<Upload>(actions), nullptr);
    EXPECT_EQ(find<Upload>(actions)->update, stored);
}

TEST_F(SessionTest, NeverSignsASecondUpdateForOneAttempt) {
    SessionMachine machine(config(), signer_, {});
    (void)train(machine, context());
    RoundContext other_base = context();
    other_base.base_model = digest_of("another base");
    const Actions actions = machine.step(open(other_base));
    EXPECT_EQ(find<Upload>(actions), nullptr);
    EXPECT_EQ(find<EnsureBlob>(actions), nullptr);
    const Actions late = machine.step(Trained{.round = 1,
                                              .attempt = 0,
                                              .update_root = digest_of("second"),
                                              .coordinates = 4,
                                              .details = {}});
    EXPECT_TRUE(late.empty());
}

TEST_F(SessionTest, NeverSignsForAnAttemptBehindTheNewestSigned) {
    SessionMachine machine(config(), signer_, {});
    (void)train(machine, context(1, 0));
    const rules::SignedUpdate second = train(machine, context(1, 1));
    RoundContext first_again = context(1, 0);
    first_again.base_model = digest_of("another base");
    EXPECT_EQ(find<EnsureBlob>(machine.step(open(first_again))), nullptr);
    SessionMachine restarted(config(), signer_, {second});
    EXPECT_EQ(find<EnsureBlob>(restarted.step(open(first_again))), nullptr);
}

TEST_F(SessionTest, KeepsTheContextThatItTrainsOn) {
    SessionMachine machine(config(), signer_, {});
    (void)machine.step(open(context()));
    (void)machine.step(BlobReady{digest_of("base")});
    RoundContext swapped = context();
    swapped.base_model = digest_of("another base");
    EXPECT_NE(find<Notify>(machine.step(open(swapped))), nullptr);
    const Actions actions = machine.step(Trained{.round = 1,
                                                 .attempt = 0,
                                                 .update_root = digest_of("update"),
                                                 .coordinates = 4,
                                                 .details = {}});
    ASSERT_NE(find<StoreSigned>(actions), nullptr);
    EXPECT_EQ(find<StoreSigned>(actions)->update.statement.base_model, digest_of("base"));
}

TEST_F(SessionTest, SitsOutTheFirstAttemptAfterAGapOfRounds) {
    // A lost or restored state folder does not know what was signed since.
    SessionMachine machine(config(), signer_, {});
    EXPECT_EQ(find<EnsureBlob>(machine.step(open(context(5)))), nullptr);
    EXPECT_EQ(find<EnsureBlob>(machine.step(open(context(5)))), nullptr) << "asked again";
    EXPECT_NE(find<EnsureBlob>(machine.step(open(context(6)))), nullptr);
}

TEST_F(SessionTest, SitsOutOnceAndNotAtEveryStart) {
    // A coordinator that runs one round a night, and a site that missed one of them.
    SessionMachine before(config(), signer_, {});
    const rules::SignedUpdate stored = train(before, context(1));
    SessionMachine third_night(config(), signer_, {stored});
    const Actions sat_out = third_night.step(open(context(3)));
    ASSERT_NE(find<StoreSatOut>(sat_out), nullptr);
    EXPECT_EQ(find<StoreSatOut>(sat_out)->round, 3U);
    EXPECT_EQ(find<EnsureBlob>(sat_out), nullptr);
    SessionMachine same_night(config(), signer_, {stored, 3});
    EXPECT_EQ(find<EnsureBlob>(same_night.step(open(context(3)))), nullptr) << "still not known";
    SessionMachine fourth_night(config(), signer_, {stored, 3});
    EXPECT_NE(find<EnsureBlob>(fourth_night.step(open(context(4)))), nullptr);
}

TEST_F(SessionTest, ForgetsWhatItSignedInAnotherFederation) {
    SessionMachine before(config(), signer_, {});
    rules::SignedUpdate stored = train(before, context(1));
    stored.statement.federation = digest_of("another");
    stored.statement.round = 20;
    SessionMachine machine(config(), signer_, {stored});
    EXPECT_NE(find<EnsureBlob>(machine.step(open(context(1)))), nullptr);
}

TEST_F(SessionTest, TrainsAtOnceAfterARestartWithoutAGap) {
    SessionMachine before(config(), signer_, {});
    const rules::SignedUpdate stored = train(before, context(1));
    SessionMachine next(config(), signer_, {stored});
    EXPECT_NE(find<EnsureBlob>(next.step(open(context(2)))), nullptr);
    SessionMachine later(config(), signer_, {stored});
    EXPECT_EQ(find<EnsureBlob>(later.step(open(context(3)))), nullptr);
}

TEST_F(SessionTest, TrainsAgainForTheNextAttempt) {
    SessionMachine machine(config(), signer_, {});
    (void)train(machine, context());
    EXPECT_NE(find<EnsureBlob>(machine.step(open(context(1, 1)))), nullptr);
}

TEST_F(SessionTest, RefusesToGoBackBehindARoundItSigned) {
    SessionMachine machine(config(), signer_, {});
    (void)train(machine, context(1));
    (void)train(machine, context(5));
    const Actions actions = machine.step(open(context(4)));
    EXPECT_EQ(find<EnsureBlob>(actions), nullptr);
    EXPECT_EQ(find<Upload>(actions), nullptr);
}

TEST_F(SessionTest, DropsTrainingThatEndedAfterItsRoundAndTrainsForTheOpenOne) {
    SessionMachine machine(config(), signer_, {});
    (void)machine.step(open(context(1)));
    (void)machine.step(BlobReady{digest_of("base")});
    RoundContext next = context(2);
    next.base_model = digest_of("base 2");
    (void)machine.step(open(next));
    const Actions actions = machine.step(Trained{.round = 1,
                                                 .attempt = 0,
                                                 .update_root = digest_of("late"),
                                                 .coordinates = 4,
                                                 .details = {}});
    EXPECT_EQ(find<StoreSigned>(actions), nullptr);
    ASSERT_NE(find<EnsureBlob>(actions), nullptr);
    EXPECT_EQ(find<EnsureBlob>(actions)->root, digest_of("base 2"));
}

TEST_F(SessionTest, RunsOneTrainingAtATime) {
    SessionMachine machine(config(), signer_, {});
    (void)machine.step(open(context(1)));
    ASSERT_NE(find<Train>(machine.step(BlobReady{digest_of("base")})), nullptr);
    for (const RoundNumber round : {2U, 3U}) {
        EXPECT_EQ(find<EnsureBlob>(machine.step(open(context(round)))), nullptr)
            << "it waits for the training under way";
    }
    EXPECT_EQ(find<Train>(machine.step(BlobReady{digest_of("base")})), nullptr);
    const Actions ended = machine.step(TrainingFailed{1, 0, "stopped"});
    ASSERT_NE(find<EnsureBlob>(ended), nullptr);
    const Actions ready = machine.step(BlobReady{digest_of("base")});
    ASSERT_NE(find<Train>(ready), nullptr);
    EXPECT_EQ(find<Train>(ready)->context.round, 3U) << "the newest one, once";
}

TEST_F(SessionTest, KeepsAReceiptOnlyWhenTheCoordinatorSignedIt) {
    SessionMachine machine(config(), signer_, {});
    const rules::SignedUpdate update = train(machine, context());
    wire::Receipt receipt;
    receipt.receipt = {
        .federation = update.statement.federation,
        .round = 1,
        .attempt = 0,
        .site = update.statement.site,
        .update_root = update.statement.update_root,
        .statement_digest = crypto::signing_digest(config().domain, update.statement)};
    receipt.signature = crypto::sign_statement(config().domain, receipt.receipt, signer_key_);
    EXPECT_EQ(find<StoreReceipt>(machine.step(Received{receipt})), nullptr);
    receipt.signature = crypto::sign_statement(config().domain, receipt.receipt, coordinator_key_);
    EXPECT_NE(find<StoreReceipt>(machine.step(Received{receipt})), nullptr);
    receipt.receipt.update_root = digest_of("something else");
    EXPECT_EQ(find<StoreReceipt>(machine.step(Received{receipt})), nullptr);
}

// Two receipts for one attempt are evidence against the coordinator.
TEST_F(SessionTest, KeepsAReceiptThatTheCoordinatorSignedForAnotherUpdate) {
    SessionMachine machine(config(), signer_, {});
    const rules::SignedUpdate update = train(machine, context());
    wire::Receipt receipt;
    receipt.receipt = {.federation = update.statement.federation,
                       .round = 1,
                       .attempt = 0,
                       .site = update.statement.site,
                       .update_root = digest_of("something else"),
                       .statement_digest = digest_of("that this site never signed")};
    receipt.signature = crypto::sign_statement(config().domain, receipt.receipt, coordinator_key_);
    const Actions kept = machine.step(Received{receipt});
    ASSERT_NE(find<StoreReceipt>(kept), nullptr);
    EXPECT_EQ(find<StoreReceipt>(kept)->receipt, receipt);
    EXPECT_EQ(find<StopUpload>(kept), nullptr) << "its own update still has no receipt";
    receipt.receipt.attempt = 1;
    receipt.signature = crypto::sign_statement(config().domain, receipt.receipt, coordinator_key_);
    EXPECT_EQ(find<StoreReceipt>(machine.step(Received{receipt})), nullptr);
}

TEST_F(SessionTest, SignsACommitmentOnlyAfterItsOwnAuditAgrees) {
    SessionMachine machine(config(), signer_, {});
    wire::AttestRequest request;
    request.round = 3;
    request.commitment.round = 3;
    request.faults.resize(1);
    const Actions asked = machine.step(Received{request});
    ASSERT_NE(find<Audit>(asked), nullptr);
    EXPECT_EQ(find<Send>(asked), nullptr);

    const Actions agreed =
        machine.step(Audited{.id = find<Audit>(asked)->id, .agrees = true, .reason = ""});
    ASSERT_NE(find<Send>(agreed), nullptr);
    const auto& attestation = std::get<wire::Attestation>(find<Send>(agreed)->message);
    EXPECT_TRUE(crypto::verify_statement(config().domain, request.commitment,
                                         attestation.commitment_signature, signer_key_.address()));
    EXPECT_EQ(attestation.fault_signatures.size(), 1U);
}

TEST_F(SessionTest, SignsNothingThatCameWhileAnotherRequestWasRecomputed) {
    SessionMachine machine(config(), signer_, {});
    wire::AttestRequest honest;
    honest.round = 3;
    wire::AttestRequest forged = honest;
    forged.commitment.model = digest_of("forged");
    const auto first = find<Audit>(machine.step(Received{honest}))->id;
    const Actions replaced = machine.step(Received{forged});
    ASSERT_NE(find<Audit>(replaced), nullptr);
    EXPECT_TRUE(machine.step(Audited{.id = first, .agrees = true, .reason = ""}).empty());
    wire::AttestRequest other_fault = forged;
    other_fault.faults.resize(1);
    EXPECT_NE(find<Audit>(machine.step(Received{other_fault})), nullptr)
        << "the same commitment with another accusation is another request";
}

TEST_F(SessionTest, RefusesACommitmentThatDoesNotRecompute) {
    SessionMachine machine(config(), signer_, {});
    wire::AttestRequest request;
    request.round = 3;
    const Actions asked = machine.step(Received{request});
    ASSERT_NE(find<Audit>(asked), nullptr);
    const Actions actions = machine.step(Audited{
        .id = find<Audit>(asked)->id, .agrees = false, .reason = "model: claimed 1, recomputed 2"});
    ASSERT_NE(find<Send>(actions), nullptr);
    const auto& refusal = std::get<wire::AttestRefusal>(find<Send>(actions)->message);
    EXPECT_EQ(refusal.reason, "model: claimed 1, recomputed 2");
}

TEST_F(SessionTest, AnswersAttestRequestsOnlyAsAnAuditor) {
    SessionConfig plain = config();
    plain.audits = false;
    SessionMachine machine(plain, signer_, {});
    const Actions actions = machine.step(Received{wire::AttestRequest{}});
    EXPECT_EQ(find<Audit>(actions), nullptr);
    ASSERT_NE(find<Send>(actions), nullptr);
    EXPECT_TRUE(std::holds_alternative<wire::AttestRefusal>(find<Send>(actions)->message));
}

TEST_F(SessionTest, EvaluatesTheModelOfAFinishedRound) {
    SessionMachine machine(config(), signer_, {});
    wire::RoundResult result;
    result.round = 1;
    result.model = digest_of("model 1");
    ASSERT_NE(find<EnsureBlob>(machine.step(Received{result})), nullptr);
    const Actions ready = machine.step(BlobReady{digest_of("model 1")});
    ASSERT_NE(find<Evaluate>(ready), nullptr);
    EXPECT_EQ(find<Evaluate>(ready)->round, 1U);
}

TEST_F(SessionTest, RefusesABaseModelThatIsNotTheLastResult) {
    SessionMachine machine(config(), signer_, {});
    (void)train(machine, context(1));
    wire::RoundResult result;
    result.round = 1;
    result.model = digest_of("model 1");
    (void)machine.step(Received{result});
    RoundContext crafted = context(2);
    crafted.base_model = digest_of("crafted");
    EXPECT_EQ(find<EnsureBlob>(machine.step(open(crafted))), nullptr);
    RoundContext honest = context(2);
    honest.base_model = digest_of("model 1");
    EXPECT_NE(find<EnsureBlob>(machine.step(open(honest))), nullptr);
}

TEST_F(SessionTest, GoesOnWhenAResultWasMissed) {
    SessionMachine machine(config(), signer_, {});
    (void)train(machine, context(1));
    wire::RoundResult result;
    result.round = 1;
    result.model = digest_of("model 1");
    (void)machine.step(Received{result});
    RoundContext second = context(2);
    second.base_model = digest_of("model 1");
    (void)train(machine, second);
    RoundContext third = context(3);  // the result of round 2 was lost with the connection
    third.base_model = digest_of("model 2");
    EXPECT_NE(find<EnsureBlob>(machine.step(open(third))), nullptr);
    RoundContext retried = context(2, 1);
    EXPECT_EQ(find<EnsureBlob>(machine.step(open(retried))), nullptr);
}

TEST_F(SessionTest, ChecksTheBaseOfARetriedAttemptToo) {
    SessionMachine machine(config(), signer_, {});
    (void)train(machine, context(1));
    wire::RoundResult result;
    result.round = 1;
    result.model = digest_of("model 1");
    (void)machine.step(Received{result});
    RoundContext second = context(2);
    second.base_model = digest_of("model 1");
    (void)machine.step(open(second));
    RoundContext crafted = context(2, 1);
    crafted.base_model = digest_of("crafted");
    EXPECT_EQ(find<EnsureBlob>(machine.step(open(crafted))), nullptr);
}

TEST_F(SessionTest, DoesNotTrainWhileBarred) {
    SessionMachine machine(config(), signer_, {});
    RoundContext barred = context();
    barred.cohort[1].barred = true;
    EXPECT_EQ(find<EnsureBlob>(machine.step(open(barred))), nullptr);
}

TEST_F(SessionTest, EndsWithTheCoordinatorsGoodbye) {
    SessionMachine machine(config(), signer_, {});
    const Actions actions = machine.step(Received{wire::Bye{.reason = "all rounds done"}});
    ASSERT_NE(find<Finish>(actions), nullptr);
    EXPECT_TRUE(find<Finish>(actions)->success);
}

}  // namespace
}  // namespace fedstake::session::testing
