// The ledger with its outbox in files, dropped at every point of a commitment's way to the chain
// and opened again: exactly one effect on a real node.
#include "tests/contracts/cpp/evm/chain_fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::evm {
namespace {

using namespace fedstake::testing;
using chain::IntentState;

const Digest kGenesisModel = *Digest::parse(std::string(64, '1'));

// Fails one call, and all after it, as if the process had been killed there.
class DyingRpc final : public Rpc {
public:
    DyingRpc(std::unique_ptr<Rpc> inner, std::size_t calls_left, bool after)
        : inner_(std::move(inner)), calls_left_(calls_left), after_(after) {}
    Result<RpcReply> call(std::string_view method, const Json& params) override {
        if (calls_left_ == 0) return fail(Errc::kUnavailable, "killed");
        if (--calls_left_ > 0 || after_) {
            auto reply = inner_->call(method, params);
            if (calls_left_ > 0) return reply;
        }
        return fail(Errc::kUnavailable, "killed");
    }
    std::string name() const override { return inner_->name(); }

private:
    std::unique_ptr<Rpc> inner_;
    std::size_t calls_left_;
    bool after_;
};

std::unique_ptr<EvmLedger> open_ledger(TestChain& chain, std::unique_ptr<Rpc> rpc,
                                       const std::filesystem::path& folder) {
    return *EvmLedger::open(std::move(rpc), dev_key(kCoordinator), *FileOutboxStore::open(folder),
                            {chain.contracts(), test_federation(), {}});
}

std::uint64_t transactions_of_coordinator(TestChain& chain) {
    return *chain.node().nonce(dev_key(kCoordinator).address(), false);
}

TEST(OutboxRestart, OneCommitmentWhereverTheProcessDies) {
    FEDSTAKE_NEED_ANVIL();
    TestChain chain;
    Digest parent = kGenesisModel;
    RoundNumber round = 0;
    for (const bool after : {false, true}) {
        // Chain id, six codes, chain id, block, estimate, balance, nonce, send, receipts.
        for (std::size_t calls = 1; calls <= 17; ++calls) {
            SCOPED_TRACE("killed at call " + std::to_string(calls) +
                         (after ? " after" : " before"));
            ++round;
            const auto commitment = sample_commitment(round, 100 * round, parent);
            parent = commitment.model;
            const std::string key = "commit/" + std::to_string(round);
            const TempDir folder;
            const std::uint64_t before = transactions_of_coordinator(chain);
            {
                auto dying =
                    open_ledger(chain, std::make_unique<DyingRpc>(chain.connect(), calls, after),
                                folder.path());
                ASSERT_TRUE(dying->submit(
                    {key, chain::CommitRound{commitment,
                                             audited(chain.domain(), commitment.struct_hash())}}));
                static_cast<void>(dying->pump());
            }
            auto ledger = open_ledger(chain, chain.connect(), folder.path());
            ASSERT_TRUE(ledger->pump());
            EXPECT_EQ(ledger->status(key)->state, IntentState::kDone);
            EXPECT_EQ(*ledger->committed(round), commitment.struct_hash());
            EXPECT_EQ(transactions_of_coordinator(chain), before + 1) << "one transaction";
            EXPECT_FALSE(ledger->status(key)->transaction.is_zero());
        }
    }
    EXPECT_EQ(*chain.ledger()->committed_head(), round);
}

// The node is restarted from its state file while intents are queued.
TEST(OutboxRestart, PostsEachRoundOnceAfterTheNodeWasAway) {
    FEDSTAKE_NEED_ANVIL();
    const TempDir folder;
    AnvilOptions options;
    options.state_file = folder / "chain.json";
    TestChain chain(options);
    const std::uint16_t port = chain.anvil().port();
    auto ledger = open_ledger(chain, chain.connect(), folder / "outbox");
    Digest parent = kGenesisModel;
    const auto post = [&](RoundNumber round) {
        const auto commitment = sample_commitment(round, 100 * round, parent);
        parent = commitment.model;
        ASSERT_TRUE(ledger->submit(
            {"commit/" + std::to_string(round),
             chain::CommitRound{commitment, audited(chain.domain(), commitment.struct_hash())}}));
    };
    post(1);
    ASSERT_TRUE(ledger->pump());
    chain.anvil().stop();
    for (const RoundNumber round : {2U, 3U, 4U}) {
        post(round);
        EXPECT_EQ(ledger->pump().error().code, Errc::kUnavailable);
    }
    options.port = port;
    auto again = AnvilProcess::start(options);
    ASSERT_TRUE(again) << again.error().message;
    const auto pumped = ledger->pump();
    ASSERT_TRUE(pumped) << pumped.error().message;
    EXPECT_EQ(pumped->size(), 3U);
    EXPECT_EQ(*ledger->committed_head(), 4U);
    EXPECT_EQ(transactions_of_coordinator(chain), 4U);
}

}  // namespace
}  // namespace fedstake::evm
