// What whole transactions cost on an anvil node under osaka rules: the figures of
// contracts/snapshots/Anvil.json, which FEDSTAKE_WRITE_GOLDEN=1 writes anew.
#include <cstdlib>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/proof_desk.hpp"
#include "proto/crypto/keccak_tree.hpp"
#include "tests/contracts/cpp/evm/challenged_round.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;

constexpr std::uint64_t kRing = 64;
constexpr std::size_t kRewarded = 20;  // leaves of a rewards tree: depth 5
constexpr std::size_t kSigners = 3;
constexpr Amount kStake = 1'000'000;

DeploymentConfig five_auditors() {
    DeploymentConfig config = deployment_config();
    config.auditors.clear();
    for (std::size_t i = 0; i < 5; ++i) config.auditors.push_back(signer_key(i).address());
    config.threshold = kSigners;
    return config;
}

// Runs transactions, and notes what each used.
class GasTable {
public:
    explicit GasTable(TestChain& chain) : chain_(chain) {}

    void call(const std::string& name, std::size_t key_index, const Address& contract,
              const ContractAbi& abi, std::string_view function, std::vector<AbiValue> arguments) {
        const auto key = dev_key(key_index);
        const auto receipt = TransactionSender(chain_.node(), key)
                                 .call(contract, abi, function, std::move(arguments));
        ASSERT_TRUE(receipt) << name << ": " << receipt.error().message;
        note(name, receipt->gas_used);
    }
    void commit(const std::string& name, const crypto::RoundCommitment& c,
                std::size_t signatures = kSigners) {
        const auto signed_by = audited(chain_.domain(), c.struct_hash(), signatures);
        call(name, kCoordinator, chain_.contracts().round_manager, chain_.abis().round_manager,
             "commitRound", {abi_of(c), AbiValue::bytes(chain::pack_signatures(signed_by))});
    }
    void prove(const std::string& name, ProofDesk& desk, const ProofCall& proof,
               std::size_t slashed) {
        const auto done = desk.submit(proof, owner_key(kSites));
        ASSERT_TRUE(done) << name << ": " << done.error().message;
        EXPECT_EQ(done->slashed.size(), slashed) << name;
        note(name, done->gas_used);
    }
    // Empty names are not noted.
    void note(const std::string& name, std::uint64_t gas) {
        if (!name.empty()) used_[name] = gas;
    }
    [[nodiscard]] const std::map<std::string, std::uint64_t>& used() const { return used_; }

private:
    TestChain& chain_;
    std::map<std::string, std::uint64_t> used_;
};

std::filesystem::path snapshot_file() {
    return std::filesystem::path(FEDSTAKE_SOURCE_DIR) / "contracts/snapshots/Anvil.json";
}

// What the snapshot holds, and the goals that hold whatever it says.
void compare(const std::map<std::string, std::uint64_t>& used,
             const std::map<std::string, std::uint64_t>& goals) {
    nlohmann::json held = nlohmann::json::object();
    if (std::ifstream in(snapshot_file()); in) in >> held;
    const bool write = std::getenv("FEDSTAKE_WRITE_GOLDEN") != nullptr;
    for (const auto& [name, gas] : used) {
        fmt::print("{:<60} {:>9}\n", name, gas);
        const auto goal = goals.find(name);
        if (goal != goals.end()) {
            EXPECT_LE(gas, goal->second) << name;
        }
        if (write) {
            held[name] = gas;
        } else {
            EXPECT_EQ(held.value(name, std::uint64_t{0}), gas)
                << name << ": not the figure of " << snapshot_file()
                << "; FEDSTAKE_WRITE_GOLDEN=1 writes it anew";
        }
    }
    if (write) std::ofstream(snapshot_file()) << held.dump(2) << '\n';
}

// Rewards of one site among twenty: a tree of depth 5.
struct Rewards {
    std::vector<Digest> leaves;
    Digest salt;

    Rewards(RoundNumber round, const SiteId& first, const SiteId& second)
        : salt(*Digest::parse(std::string(64, '7'))) {
        for (std::uint64_t i = 0; i < kRewarded; ++i) {
            leaves.push_back(crypto::LeafHasher(crypto::LeafTag::kReward)
                                 .number(i)
                                 .address(i == 7 ? second : first)
                                 .amount(Amount{round} * 100)
                                 .word(salt)
                                 .finish());
        }
    }
    [[nodiscard]] std::vector<AbiValue> claim(RoundNumber round, std::uint64_t index,
                                              const SiteId& site) const {
        return {AbiValue::number(round),
                AbiValue::number(kRewarded),
                AbiValue::number(index),
                AbiValue::address(site),
                AbiValue::number(Amount{round} * 100),
                AbiValue::word(salt),
                AbiValue::words(crypto::keccak_proof(leaves, index).value())};
    }
};

TEST(GasOnAnvil, RoundsAndClaimsAreThoseOfTheSnapshot) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain({}, five_auditors());
    GasTable table(chain);
    chain.enroll(0, kStake);
    chain.enroll(1, kStake);
    const SiteId first = owner_key(0).address();
    const SiteId second = owner_key(1).address();
    // Both hold tokens, as a site does.
    for (const SiteId& site : {first, second}) {
        ASSERT_TRUE(
            mint_test_tokens(chain.node(), dev_key(kDeployer), chain.contracts().token, site, 1));
    }

    Digest model = *Digest::parse(std::string(64, '1'));
    const auto next = [&](RoundNumber round) {
        auto c = sample_commitment(round, Amount{round} * 2000, model);
        c.rewards_root = crypto::keccak_root(Rewards(round, first, second).leaves);
        model = c.model;
        return c;
    };
    for (RoundNumber round = 1; round <= kRing + 3; ++round) {
        const std::string name = round == 1           ? "commitRound, first of all, 3 signatures"
                                 : round == 2         ? "commitRound, slot never used, 3 signatures"
                                 : round == kRing + 1 ? "commitRound, 3 signatures"
                                                      : "";
        const std::size_t more = round > kRing + 1 ? round - (kRing + 1) : 0;
        table.commit(more == 0 ? name : fmt::format("commitRound, {} signatures", kSigners + more),
                     next(round), kSigners + more);
        if (round == kRing - 1) chain.advance(kChallengeWindow);
    }
    chain.advance(kChallengeWindow);
    const auto claim = [&](const std::string& name, RoundNumber round, std::uint64_t index,
                           const SiteId& site) {
        table.call(name, kFirstOwner, chain.contracts().round_manager, chain.abis().round_manager,
                   "claim", Rewards(round, first, second).claim(round, index, site));
    };
    claim("", kRing, 3, first);
    claim("claim, first of an account, depth 5", kRing, 7, second);
    claim("claim, later, depth 5", kRing + 1, 3, first);
    compare(table.used(), {{"commitRound, 3 signatures", 95'000},
                           {"commitRound, 4 signatures", 102'500},
                           {"commitRound, 5 signatures", 110'000},
                           {"claim, first of an account, depth 5", 92'000},
                           {"claim, later, depth 5", 75'000}});
}

TEST(GasOnAnvil, EquivocationsAndReleasesAreThoseOfTheSnapshot) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    GasTable table(chain);
    chain.enroll(0, kStake);
    auto desk = ProofDesk::open(chain.node(), chain.contracts());
    ASSERT_TRUE(desk) << desk.error().message;

    const auto c = sample_commitment(1, 500, *Digest::parse(std::string(64, '1')));
    table.commit("", c, kThreshold);
    chain.advance(kChallengeWindow);
    chain::PublishModel release{.commitment = c,
                                .model_id = c.model,
                                .version = 0,
                                .parent = {},
                                .weights_sha256 = c.report_digest,
                                .weights_bytes = 4096,
                                .datasets_root = c.updates_root,
                                .code_commit = c.context_digest,
                                .config_hash = c.scores_root,
                                .eval_hash = c.rewards_root};
    const Address& registry = chain.contracts().model_registry;
    for (release.version = 1; release.version <= 2; ++release.version) {
        table.call(release.version == 1 ? "publish, first version" : "publish, next version",
                   kCoordinator, registry, chain.abis().model_registry, "publish",
                   {abi_of(c), abi_of(release)});
        const auto record =
            call_view(chain.node(), registry, chain.abis().model_registry, "recordOf",
                      {AbiValue::word(release.model_id), AbiValue::number(release.version)});
        ASSERT_TRUE(record) << record.error().message;
        release.parent = record->at(0).as_digest().value();
    }

    rules::SignedUpdate a;
    a.statement = {.federation = test_federation(),
                   .round = 1,
                   .attempt = 0,
                   .site = owner_key(0).address(),
                   .base_model = c.parent_model,
                   .update_root = c.updates_root,
                   .coordinates = 13,
                   .details_digest = c.report_digest};
    rules::SignedUpdate b = a;
    b.statement.update_root = c.aggregate_root;
    a.signature = crypto::sign_statement(chain.domain(), a.statement, signer_key(0));
    b.signature = crypto::sign_statement(chain.domain(), b.statement, signer_key(0));
    table.prove("proveEquivocation, slash and bounty", *desk, prove_equivocation(a, b), 1);
    compare(table.used(), {{"publish, first version", 100'000},
                           {"publish, next version", 90'000},
                           {"proveEquivocation, slash and bounty", 200'000}});
}

// The last coordinate of the aggregate is one too high, and the model follows.
ProofCall wrong_aggregate(ChallengedRound& round) {
    const std::uint64_t coordinate = round.commitment.coordinates - 1;
    round.aggregate[coordinate] += 1;
    round.reapply();
    round.rename_values();
    round.write_report();
    const TempDir folder;
    const auto open = [&](const auto& values) {
        return OpenableBlob::open(round.store(folder.path(), values))
            .value()
            .leaf_of(coordinate)
            .value();
    };
    std::vector<BlobOpening> openings;
    openings.reserve(round.values.size());
    for (const auto& row : round.values) openings.push_back(open(row));
    return prove_bad_aggregate(round.commitment, round.documents(), coordinate,
                               open(round.aggregate), openings);
}

TEST(GasOnAnvil, AWrongAggregateOfTwentyLargeUpdatesIsThatOfTheSnapshot) {
    FEDSTAKE_NEED_ANVIL();
    DeploymentConfig config = deployment_config();
    config.threshold = kSigners;
    TestChain chain({}, config);
    GasTable table(chain);
    for (std::size_t site = 0; site < kSigners; ++site) chain.enroll(site, kStake);
    const auto coordinator = dev_key(kCoordinator);
    ASSERT_TRUE(mint_test_tokens(chain.node(), dev_key(kDeployer), chain.contracts().token,
                                 coordinator.address(), kStake));
    auto account = SiteAccount::open(chain.node(), coordinator, chain.contracts());
    ASSERT_TRUE(account) << account.error().message;
    ASSERT_TRUE(account->stake_up_to(kStake));
    auto desk = ProofDesk::open(chain.node(), chain.contracts());
    ASSERT_TRUE(desk) << desk.error().message;

    ChallengedRound round(chain, "mean", 20, std::uint64_t{1} << 20U);
    const ProofCall proof = wrong_aggregate(round);
    table.commit("", round.commitment);
    table.prove("proveBadAggregate, 20 updates of 2^20, four slashed", *desk, proof, kSigners + 1);
    compare(table.used(), {{"proveBadAggregate, 20 updates of 2^20, four slashed", 1'600'000}});
}

}  // namespace
}  // namespace fedstake::evm
