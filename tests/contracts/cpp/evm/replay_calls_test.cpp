// Thousands of random scripts on the reference model and on the contracts: every call ends alike,
// refusals by name, and every view agrees to the last bit.
//
// FEDSTAKE_REPLAY_SCRIPTS: how many; FEDSTAKE_REPLAY_SEED: of the first (a failure names its own);
// FEDSTAKE_REPLAY_OUTCOMES: a file for the table of how often which call ended how.
#include <cstdlib>
#include <fstream>

#include "tests/contracts/cpp/evm/replay_script.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;

constexpr std::uint64_t kScripts = 200;
constexpr std::uint64_t kCalls = 70;  // of one script

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

using Outcomes = std::map<std::string, std::uint64_t>;

void write_outcomes(const Outcomes& outcomes, std::uint64_t views) {
    const char* path = std::getenv("FEDSTAKE_REPLAY_OUTCOMES");
    if (path == nullptr) return;
    std::ofstream file(path);
    for (const auto& [name, count] : outcomes) file << count << ' ' << name << '\n';
    file << views << " views\n";
}

// The scripts would prove little if they never got anywhere.
void expect_reached(const Outcomes& outcomes) {
    for (const char* name : {"stake/ok",
                             "stakeFor/ok",
                             "requestExit/ok",
                             "withdraw/ok",
                             "setSigner/ok",
                             "payBounty/ok",
                             "sweepSlashPool/ok",
                             "unjail/ok",
                             "setWindows/ok",
                             "commitRound/ok",
                             "voidRound/ok",
                             "claim/ok",
                             "fund/ok",
                             "pause/ok",
                             "unpause/ok",
                             "openEpoch/ok",
                             "accuse/ok",
                             "appeal/ok",
                             "escalate/ok",
                             "ruleByPanel/ok",
                             "ruleByGovernor/ok",
                             "lapse/ok",
                             "settleVetoed/ok",
                             "dropVoided/ok",
                             "setAppealBond/ok",
                             "vetoSlash/ok",
                             "executeSlash/ok",
                             "challenge/ok",
                             "resolveByPanel/ok",
                             "resolve/ok",
                             "expire/ok",
                             "settleVoided/ok",
                             "setBond/ok",
                             "proveBadReport/ok",
                             "proveBadContext/ok",
                             "proveOmission/ok",
                             "proveForeignStatement/ok",
                             "proveEquivocation/ok",
                             "proveCoordinatorEquivocation/ok",
                             "setShares/ok",
                             "publish/ok",
                             "setStatus/ok",
                             "setPublisher/ok",
                             "commitRound/CommitmentVoided",
                             "commitRound/RoundDisputed",
                             "commitRound/PausedUntil",
                             "voidRound/RoundIsFinal",
                             "claim/RoundNotFinal",
                             "appeal/AppealTooLate",
                             "ruleByPanel/RulingTooLate",
                             "ruleByPanel/NotOfThePanel",
                             "executeSlash/CaseNotReady",
                             "withdraw/WithdrawalsFrozen",
                             "accuse/CapExceeded",
                             "accuse/EvidenceTooOld",
                             "proveBadReport/SafeCastOverflowedUintDowncast",
                             "expire/DeadlineNotPassed",
                             "resolve/DeadlinePassed",
                             "extendWindow/ok",
                             "extendWindow/AlreadyExtended",
                             "extendWindow/ExtensionOutOfRange",
                             "extendWindow/WindowPassed",
                             "demands.demandLeaves/ok",
                             "demands.demandLeaves/DemandedBefore",
                             "demands.demandLeaves/AnswerTooLong",
                             "demands.demandLeaves/WindowPassed",
                             "demands.answerDemand/ok",
                             "demands.answerDemand/DeadlinePassed",
                             "demands.answerDemand/NotTheUpdates",
                             "demands.answerDemand/DigestMismatch",
                             "demands.expireDemand/ok",
                             "demands.expireDemand/DeadlineNotPassed",
                             "demands.settleVoided/ok",
                             "demands.settleVoided/RoundNotVoided",
                             "demands.setTerms/ok",
                             "withdrawBond/ok",
                             "claim/CommitmentMismatch",
                             "proveBadReport/AlreadyConvicted",
                             "proveBadReport/ConvictionTooLate",
                             "withdraw/AnswersForRound",
                             "withdraw/AnswersForVoidedRounds",
                             "demands.expireDemand/EarlierDemandOpen",
                             "demands.setTerms/AnswerTooLong",
                             "demands.withdrawBond/ok",
                             "court.withdrawBond/ok",
                             "proveEquivocation in jail/ok",
                             "proveEquivocation with a lost key/ok",
                             "setSigner/SignerHasStake",
                             "stakeFor/UnknownAccount"}) {
        const auto found = outcomes.find(name);
        EXPECT_TRUE(found != outcomes.end() && found->second > 0) << name << " was never reached";
    }
}

TEST(ReplayCalls, ModelAndContractsAgreeOnEveryCallAndView) {
    FEDSTAKE_NEED_ANVIL();
    const ReplayPeople people;
    ReplayChain chain(replay_deployment(people), people.actors());
    replay_prepare(people, chain);
    chain.keep();
    const std::uint64_t first = setting("FEDSTAKE_REPLAY_SEED", 1);
    const std::uint64_t scripts = setting("FEDSTAKE_REPLAY_SCRIPTS", kScripts);
    Outcomes outcomes;
    std::uint64_t views = 0;
    for (std::uint64_t seed = first; seed < first + scripts; ++seed) {
        ReplayScript script(people, chain, seed);
        const std::string difference = script.run(kCalls);
        ASSERT_EQ(difference, "") << "seed " << seed
                                  << ": replay it by FEDSTAKE_REPLAY_SEED=" << seed
                                  << " FEDSTAKE_REPLAY_SCRIPTS=1";
        for (const auto& [name, count] : script.outcomes()) outcomes[name] += count;
        views += script.views();
    }
    write_outcomes(outcomes, views);
    if (scripts >= kScripts) expect_reached(outcomes);
}

}  // namespace
}  // namespace fedstake::evm
