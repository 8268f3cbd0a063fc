// Random scripts replayed on the reference model and on the contracts: every answer, every intent's
// fate and every balance must be the same, to the wei.
#include <map>
#include <set>

#include "contracts/cpp/case_id.hpp"
#include "contracts/cpp/memory_ledger.hpp"
#include "proto/base/rng.hpp"
#include "proto/crypto/keccak256.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "tests/contracts/cpp/evm/chain_fixture.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;

// Steps are 1000 s apart and every delay and deadline ends on 500, so that the seconds which the
// blocks of one step take decide nothing, however slow the machine is.
constexpr std::uint64_t kStep = 1000;
constexpr std::uint64_t kWindow = 3'500;
constexpr std::uint64_t kDelay = 4'500;
constexpr std::uint64_t kLeave = 6'500;
constexpr std::uint64_t kEvidence = 2'000;  // at most (kLeave - kWindow) / 1.1

constexpr Amount kBond = 50;  // of an appeal

Digest label(const std::string& text) {
    return crypto::keccak256(as_bytes(text));
}

struct Round {
    crypto::RoundCommitment commitment;
    std::vector<Amount> cumulative;  // by site
    std::vector<Digest> leaves;
    bool stood = false;  // was on the chain once
};

Digest leaf_of(std::size_t index, const Address& site, Amount cumulative, const Digest& salt) {
    return crypto::LeafHasher(crypto::LeafTag::kReward)
        .number(index)
        .address(site)
        .amount(cumulative)
        .word(salt)
        .finish();
}

// Both worlds and the script's own view of what it did.
class Replay {
public:
    explicit Replay(std::uint64_t seed)
        : rng_(seed),
          chain_(AnvilOptions{}, deployment()),
          evm_(chain_.ledger()),
          sites_(site_addresses()) {
        const std::uint64_t now = *evm_->chain_time() + kStep;
        chain::MemoryChainOptions options;
        options.federation = test_federation();
        options.domain = chain_.domain();
        options.coordinator = dev_key(kCoordinator).address();
        options.council = dev_key(kDeployer).address();
        options.slash_pool = *Address::parse("0x000000000000000000000000000000000000dEaD");
        options.auditors = auditor_addresses();
        options.threshold = kThreshold;
        options.challenge_window = kWindow;
        options.slash_delay = kDelay;
        options.unbonding_delay = kLeave;
        options.evidence_age = kEvidence;
        options.appeal_bond = kBond;
        options.start_time = now;
        model_ = std::make_shared<chain::MemoryChain>(options);
        memory_ = std::make_unique<chain::MemoryLedger>(model_, options.coordinator);
        prepare();
    }

    void run(int steps) {
        for (step_ = 0; step_ < steps && !::testing::Test::HasFailure(); ++step_) {
            tick();
            SCOPED_TRACE("step " + std::to_string(step_));
            act();
            pump();
            compare();
        }
        for (const std::string& key : keys_) {
            const auto state = chain::intent_state_name(memory_->status(key)->state);
            ++outcomes_[key.substr(0, key.find('/') + 1) + std::string(state)];
        }
    }

    [[nodiscard]] const std::map<std::string, int>& outcomes() const { return outcomes_; }

private:
    static DeploymentConfig deployment() {
        DeploymentConfig config = deployment_config();
        config.challenge_window = kWindow;
        config.slash_delay = kDelay;
        config.unbonding_delay = kLeave;
        config.evidence_age = kEvidence;
        config.appeal_bond = kBond;
        return config;
    }

    static std::vector<Address> site_addresses() {
        std::vector<Address> sites;
        for (std::size_t i = 0; i < kSites; ++i) sites.push_back(owner_key(i).address());
        return sites;
    }

    // Tokens, signers and the reward fund on both sides.
    void prepare() {
        const Address deployer = dev_key(kDeployer).address();
        ASSERT_TRUE(model_->token().mint(deployer, kRewardFund));
        ASSERT_TRUE(model_->fund(deployer, kRewardFund));
        for (std::size_t i = 0; i < kSites; ++i) {
            const auto owner = owner_key(i);
            ASSERT_TRUE(model_->token().mint(sites_[i], 100'000));
            ASSERT_TRUE(model_->vault().set_signer(sites_[i], signer_key(i).address()));
            ASSERT_TRUE(mint_test_tokens(chain_.node(), dev_key(kDeployer),
                                         chain_.contracts().token, sites_[i], 100'000));
            auto account = *SiteAccount::open(chain_.node(), owner, chain_.contracts());
            ASSERT_TRUE(account.set_signer(signer_key(i)));
            for (const Address& spender :
                 {chain_.contracts().stake_vault, chain_.contracts().slash_court}) {
                ASSERT_TRUE(chain_.send(
                    kFirstOwner + i, chain_.contracts().token, chain_.abis().token, "approve",
                    {AbiValue::address(spender), AbiValue::number(100'000'000)}));
            }
        }
    }

    void tick() {
        model_->advance(kStep);
        chain_.set_next_time(model_->now());
        chain_.mine();
    }

    // One direct call of the vault on both sides; the refusals must have one name.
    void both(const Status& model, std::size_t key, std::string_view function,
              std::vector<AbiValue> arguments) {
        both_at(model, key, chain_.contracts().stake_vault, chain_.abis().stake_vault, function,
                std::move(arguments));
    }

    void both_at(const Status& model, std::size_t key, const Address& contract,
                 const ContractAbi& abi, std::string_view function,
                 std::vector<AbiValue> arguments) {
        const Status real = chain_.send(key, contract, abi, function, std::move(arguments));
        note(std::string(function), model);
        ASSERT_EQ(model.has_value(), real.has_value())
            << function << ": model " << (model ? "accepts" : model.error().message) << ", chain "
            << (real ? "accepts" : real.error().message);
        if (!model) {
            const std::string wanted = "(" + std::string(chain::refusal_name(model.error())) + ")";
            EXPECT_TRUE(real.error().message.ends_with(wanted))
                << "model: " << model.error().message << "\nchain: " << real.error().message;
        }
    }

    void note(const std::string& what, const Status& status) {
        ++outcomes_[what + "/" +
                    (status ? "ok" : std::string(chain::refusal_name(status.error())))];
    }

    void submit(const std::string& kind, chain::Operation operation) {
        const chain::Intent intent{kind + "/" + std::to_string(step_), std::move(operation)};
        keys_.push_back(intent.key);
        ASSERT_TRUE(memory_->submit(intent));
        const Status submitted = evm_->submit(intent);
        ASSERT_TRUE(submitted) << submitted.error().message;
    }

    void pump() {
        ASSERT_TRUE(memory_->pump());
        const auto pumped = evm_->pump();
        ASSERT_TRUE(pumped) << pumped.error().message;
        for (const std::string& key : keys_) {
            const auto model = *memory_->status(key);
            const auto real = *evm_->status(key);
            EXPECT_EQ(chain::intent_state_name(model.state), chain::intent_state_name(real.state))
                << key << "\nmodel: " << model.detail << "\nchain: " << real.detail;
        }
    }

    void act();
    void act_on_rounds();
    void act_on_case();
    void commit(bool good);
    void commit_again();
    void void_round();
    void claim();
    void accuse();
    void equivocate();
    void publish();
    void compare();
    void compare_site(const Address& site);

    std::size_t any_site() { return static_cast<std::size_t>(rng_.below(kSites)); }
    Amount any_amount() { return Amount{rng_.below(9'000)}; }
    Digest any_case() {
        const auto& cases = model_->vault().cases();
        if (cases.empty() || rng_.below(10) == 0) return label("no such case");
        return cases[static_cast<std::size_t>(rng_.below(cases.size()))].digest;
    }

    Rng rng_;
    TestChain chain_;
    std::unique_ptr<EvmLedger> evm_;
    std::vector<Address> sites_;
    std::shared_ptr<chain::MemoryChain> model_;
    std::unique_ptr<chain::MemoryLedger> memory_;
    std::vector<Round> rounds_;  // as submitted, whether accepted or not
    std::vector<std::string> keys_;
    std::map<std::string, int> outcomes_;
    int step_ = 0;
};

void Replay::act() {
    const std::size_t site = any_site();
    const std::size_t key = kFirstOwner + site;
    chain::MemoryVault& vault = model_->vault();
    switch (rng_.below(14)) {
        case 7: return act_on_case();
        case 0:
        case 1: {
            const Amount amount = any_amount() * 3;
            return both(vault.stake(sites_[site], amount), key, "stake",
                        {AbiValue::number(amount)});
        }
        case 2: {
            const Amount amount = any_amount();
            return both(model_->request_exit(sites_[site], amount), key, "requestExit",
                        {AbiValue::number(amount)});
        }
        case 3: return both(model_->withdraw(sites_[site]), key, "withdraw", {});
        case 4: return act_on_case();
        case 5: {
            const Address who = rng_.below(2) == 0 ? dev_key(kCoordinator).address() : sites_[site];
            return both(vault.pay_bounty(who), key, "payBounty", {AbiValue::address(who)});
        }
        case 6:
            if (rng_.below(2) == 0)
                return both(vault.sweep_slash_pool(), key, "sweepSlashPool", {});
            return both(vault.unjail(dev_key(kDeployer).address(), sites_[site]), kDeployer,
                        "unjail", {AbiValue::address(sites_[site])});
        default: return act_on_rounds();
    }
}

// A veto, an appeal, or the governor's word on one.
void Replay::act_on_case() {
    const Digest id = any_case();
    const auto in_court = [&](const Status& model, std::size_t key, std::string_view function,
                              std::vector<AbiValue> arguments) {
        both_at(model, key, chain_.contracts().slash_court, chain_.abis().slash_court, function,
                std::move(arguments));
    };
    switch (rng_.below(4)) {
        case 0: {
            const std::size_t caller = rng_.below(4) == 0 ? kFirstOwner : kDeployer;
            return both(model_->vault().veto_slash(dev_key(caller).address(), id), caller,
                        "vetoSlash", {AbiValue::word(id)});
        }
        case 1: {
            const bool upheld = rng_.below(2) == 0;
            return in_court(
                model_->court().rule_by_governor(dev_key(kDeployer).address(), id, upheld),
                kDeployer, "ruleByGovernor", {AbiValue::word(id), AbiValue::boolean(upheld)});
        }
        default: break;
    }
    const chain::SlashCase* const found = model_->vault().find_case(id);
    std::size_t site = any_site();
    for (std::size_t i = 0; i < kSites && found != nullptr; ++i) {
        if (sites_[i] == found->site && rng_.below(6) != 0) site = i;
    }
    in_court(model_->court().appeal(sites_[site], id), kFirstOwner + site, "appeal",
             {AbiValue::word(id)});
}

void Replay::act_on_rounds() {
    switch (rng_.below(9)) {
        case 0:
        case 1:
        case 2: return commit(rng_.below(4) != 0);
        case 8:
            if (rng_.below(2) == 0) return void_round();
            return commit_again();
        case 3: return claim();
        case 4:
        case 5: return accuse();
        case 6:
            if (rng_.below(2) == 0) return equivocate();
            return publish();
        default: {
            const Digest id = any_case();
            return submit("execute", chain::ExecuteSlash{chain::case_number(id), id});
        }
    }
}

void Replay::commit(bool good) {
    const RoundNumber head = model_->head();
    Round round;
    Digest parent = label("genesis");
    std::vector<Amount> cumulative(kSites, 0);
    for (const Round& earlier : rounds_) {
        if (model_->committed(earlier.commitment.round) == earlier.commitment.struct_hash() &&
            earlier.commitment.round == head) {
            parent = earlier.commitment.model;
            cumulative = earlier.cumulative;
        }
    }
    Amount total = 0;
    for (Amount& value : cumulative) total += value += any_amount();
    // Those that wait hold up all later ones, so they are few.
    RoundNumber number = head + 1;
    if (!good && rng_.below(3) == 0)
        number = rng_.below(4) == 0 ? head + 2 : std::max<RoundNumber>(head, 1);
    round.commitment = sample_commitment(number, total, parent);
    round.commitment.model = label("model " + std::to_string(step_));
    if (!good && rng_.below(2) == 0) round.commitment.parent_model = label("other");
    if (!good && rng_.below(12) == 0) round.commitment.reward_total = kRewardFund + 1;
    if (!good && rng_.below(3) == 0) round.commitment.reward_total = 0;
    round.cumulative = cumulative;
    for (std::size_t i = 0; i < kSites; ++i) {
        round.leaves.push_back(leaf_of(i, sites_[i], cumulative[i], label("salt")));
    }
    round.commitment.rewards_root = crypto::keccak_root(round.leaves);
    // Half of the bad ones are signed by too few, or by the wrong auditor.
    auto signatures = audited(chain_.domain(), round.commitment.struct_hash(), 3);
    if (!good && rng_.below(3) == 0) signatures.resize(1);
    if (!good && rng_.below(3) == 0)
        std::swap(signatures[0].signature, signatures.back().signature);
    submit("commit", chain::CommitRound{round.commitment, signatures});
    rounds_.push_back(std::move(round));
}

// An earlier round with its old signatures, mostly a dead one. One that the chain never had could
// wait, and hold up those after it.
void Replay::commit_again() {
    std::vector<const Round*> dead;
    std::vector<const Round*> stood;
    for (const Round& round : rounds_) {
        if (!round.stood) continue;
        stood.push_back(&round);
        const crypto::RoundCommitment& c = round.commitment;
        if (model_->committed(c.round) != c.struct_hash()) dead.push_back(&round);
    }
    const auto& from = dead.empty() || rng_.below(3) == 0 ? stood : dead;
    if (from.empty()) return;
    const crypto::RoundCommitment& c =
        from[static_cast<std::size_t>(rng_.below(from.size()))]->commitment;
    submit("again", chain::CommitRound{c, audited(chain_.domain(), c.struct_hash(), 3)});
}

void Replay::void_round() {
    if (rounds_.empty()) return;
    // One of the last rounds: those before are final.
    const std::size_t back = static_cast<std::size_t>(rng_.below(3));
    const crypto::RoundCommitment& c =
        rounds_[rounds_.size() - 1 - back % rounds_.size()].commitment;
    both_at(model_->void_round(dev_key(kDeployer).address(), c), kDeployer,
            chain_.contracts().round_manager, chain_.abis().round_manager, "voidRound",
            {abi_of(c)});
}

void Replay::claim() {
    if (rounds_.empty()) return;
    // Half of the claims are against the newest round, which is hardly ever final.
    const std::size_t any = static_cast<std::size_t>(rng_.below(rounds_.size()));
    const Round& round = rng_.below(2) == 0 ? rounds_.back() : rounds_[any];
    const std::size_t site = any_site();
    rules::RewardClaim claim;
    claim.leaf_count = kSites;
    claim.index = site;
    claim.site = sites_[site];
    claim.cumulative = round.cumulative[site] + (rng_.below(8) == 0 ? 1 : 0);
    claim.salt = label("salt");
    claim.proof = *crypto::keccak_proof(round.leaves, site);
    submit("claim", chain::ClaimReward{round.commitment, claim});
}

void Replay::accuse() {
    crypto::AttestedFault fault;
    fault.federation = test_federation();
    fault.round = model_->head() + rng_.below(2);
    fault.site = sites_[any_site()];
    fault.kind =
        rng_.below(2) == 0 ? crypto::FaultKind::kPoisoning : crypto::FaultKind::kFreeRiding;
    fault.bps = static_cast<std::uint16_t>(1 + rng_.below(700));
    // Sometimes that of an earlier round or attempt.
    fault.evidence_root = model_->committed(fault.round).value_or(label("evidence"));
    if (!rounds_.empty() && rng_.below(4) == 0) {
        const std::size_t any = static_cast<std::size_t>(rng_.below(rounds_.size()));
        fault.evidence_root = rounds_[any].commitment.struct_hash();
    }
    fault.deadline = model_->now() + (rng_.below(8) == 0 ? std::uint64_t{0} - 9'500 : 50'500);
    submit("accuse", chain::Accuse{fault, audited(chain_.domain(), fault.struct_hash())});
}

void Replay::equivocate() {
    const std::size_t site = any_site();
    crypto::UpdateStatement a;
    a.federation = test_federation();
    a.round = 1 + rng_.below(3);
    a.site = sites_[site];
    a.base_model = label("base");
    a.update_root = label("one update");
    a.coordinates = 13;
    crypto::UpdateStatement b = a;
    if (rng_.below(5) != 0) b.update_root = label("another update");
    const auto signer = signer_key(rng_.below(6) == 0 ? (site + 1) % kSites : site);
    submit("prove",
           chain::ProveEquivocation{a, crypto::sign_statement(chain_.domain(), a, signer), b,
                                    crypto::sign_statement(chain_.domain(), b, signer)});
}

void Replay::publish() {
    // Rounds that the chain has: a release of any other waits, and holds up those after it.
    std::vector<crypto::RoundCommitment> standing;
    for (const Round& round : rounds_) {
        const bool stands =
            model_->committed(round.commitment.round) == round.commitment.struct_hash();
        if (stands) standing.push_back(round.commitment);
    }
    if (standing.empty()) return;
    chain::PublishModel release;
    release.commitment = standing[static_cast<std::size_t>(rng_.below(standing.size()))];
    release.model_id = label("model");
    while (!model_->record_of(release.model_id, release.version + 1).is_zero()) ++release.version;
    release.parent = model_->record_of(release.model_id, release.version);
    release.version += 1;
    if (rng_.below(6) == 0) release.version += 1;
    if (rng_.below(6) == 0) release.parent = label("another parent");
    release.weights_sha256 = label("weights");
    release.weights_bytes = rng_.below(10);
    release.config_hash = label("config");
    submit("publish", release);
}

void Replay::compare() {
    const Address council = dev_key(kDeployer).address();
    const Address coordinator = dev_key(kCoordinator).address();
    for (const Address& site : sites_) compare_site(site);
    for (const Address& who :
         {council, coordinator, chain_.contracts().round_manager, model_->options().slash_pool}) {
        EXPECT_EQ(amount_to_string(model_->token().balance_of(who)),
                  amount_to_string(chain_.tokens_of(who)))
            << who.hex();
    }
    for (Round& round : rounds_) {
        const crypto::RoundCommitment& c = round.commitment;
        round.stood = round.stood || model_->committed(c.round) == c.struct_hash();
    }
    EXPECT_EQ(model_->head(), *evm_->committed_head());
    // The newest rounds each time, the old ones by turns.
    const RoundNumber last = model_->head() + 1;
    const RoundNumber turn = static_cast<RoundNumber>(step_) % (last + 1);
    for (RoundNumber round = 0; round <= last; ++round) {
        if (round != turn && round + 5 < last) continue;
        EXPECT_EQ(memory_->committed(round).value_or(Digest{}),
                  evm_->committed(round).value_or(Digest{}));
        EXPECT_EQ(*memory_->is_final(round), *evm_->is_final(round)) << "round " << round;
    }
    const auto model = *memory_->slash_cases();
    const auto real = *evm_->slash_cases();
    ASSERT_EQ(model.size(), real.size());
    for (std::size_t i = 0; i < model.size(); ++i) {
        EXPECT_EQ(model[i].id, real[i].id);
        EXPECT_EQ(model[i].site, real[i].site);
        EXPECT_EQ(model[i].state, real[i].state);
        EXPECT_EQ(model[i].amount, real[i].amount);
    }
}

void Replay::compare_site(const Address& site) {
    const auto model = *memory_->stake_of(site);
    const auto real = *evm_->stake_of(site);
    EXPECT_EQ(amount_to_string(model.stake), amount_to_string(real.stake)) << site.hex();
    EXPECT_EQ(amount_to_string(model.exiting), amount_to_string(real.exiting));
    EXPECT_EQ(amount_to_string(model.claimed), amount_to_string(real.claimed));
    EXPECT_EQ(model.signer, real.signer);
    EXPECT_EQ(model.jailed, real.jailed);
    EXPECT_EQ(model.open_cases, real.open_cases);
    EXPECT_EQ(amount_to_string(model_->token().balance_of(site)),
              amount_to_string(chain_.tokens_of(site)));
}

TEST(Replay, ModelAndContractsAgreeToTheWei) {
    FEDSTAKE_NEED_ANVIL();
    std::map<std::string, int> seen;
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Replay replay(seed);
        replay.run(150);
        if (HasFailure()) return;
        for (const auto& [name, count] : replay.outcomes()) seen[name] += count;
    }
    // The scripts would prove little if they never got anywhere.
    for (const char* name :
         {"stake/ok", "requestExit/ok", "withdraw/ok", "vetoSlash/ok", "sweepSlashPool/ok",
          "payBounty/ok", "withdraw/ExitNotReady", "vetoSlash/AccessManagedUnauthorized",
          "commit/done", "commit/rejected", "claim/done", "accuse/done", "execute/done",
          "prove/done", "publish/done", "voidRound/ok", "again/rejected", "appeal/ok",
          "ruleByGovernor/ok"}) {
        EXPECT_GT(seen[name], 0) << name;
    }
}

}  // namespace
}  // namespace fedstake::evm
