// A whole round on a test chain, whose every part can be made a lie before it is posted.
#pragma once

#include <vector>

#include "aggregation/pipeline.hpp"
#include "contracts/cpp/evm/proof_calls.hpp"
#include "tests/aggregation/round_builder.hpp"
#include "tests/contracts/cpp/evm/chain_fixture.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::testing {

// Lists are by site, ascending; sites and signers are the builder's.
class ChallengedRound {
public:
    // The first round of `chain`, honest, with seeded updates.
    ChallengedRound(TestChain& chain, const std::string& rule, std::size_t sites = 5,
                    std::uint64_t coordinates = 600);

    rules::RoundRules rules;
    rules::RoundContext context;
    std::vector<rules::SignedUpdate> updates;
    std::vector<std::vector<std::int32_t>> values;
    std::vector<float> base;
    std::vector<std::int32_t> aggregate;
    std::vector<float> model;
    aggregation::RoundReport report;
    Bytes context_bytes;
    Bytes report_bytes;
    crypto::RoundCommitment commitment;

    // After a change of the lists above: what follows from them, and nothing else. The lie stays.
    void rename_values();   // content roots of aggregate and model
    void reapply();         // the model from base and aggregate
    void resettle();        // scores, rewards, and their roots
    void write_report();    // report_bytes and its digest
    void write_context();   // context_bytes and its digest
    void rename_updates();  // the root of the updates tree

    // Posts it, signed by enough auditors.
    [[nodiscard]] Status post();
    // The next round on this one, honest. REQUIRES that this one is.
    void go_on();

    [[nodiscard]] std::vector<evm::UpdateLeaf> leaves() const;
    [[nodiscard]] evm::RoundDocuments documents() const;
    // What the coordinator signs for the update of a site.
    [[nodiscard]] evm::SignedReceipt receipt(std::size_t site) const;
    // As a file in `folder`, named by its content root.
    template <class Value>
    [[nodiscard]] std::filesystem::path store(const std::filesystem::path& folder,
                                              const std::vector<Value>& vector) const {
        return store_bytes(folder, {reinterpret_cast<const std::uint8_t*>(vector.data()),
                                    vector.size() * sizeof(Value)});
    }
    // Every blob of the round, and what it starts from.
    void store_all(const std::filesystem::path& folder) const;

private:
    // The vault learns whose keys the sites sign with.
    void bind_keys();
    void take_honest();
    [[nodiscard]] std::filesystem::path store_bytes(const std::filesystem::path& folder,
                                                    ByteView bytes) const;
    TestChain& chain_;
    aggregation::testing::RoundBuilder builder_;
    std::optional<aggregation::RoundOutcome> outcome_;
};

}  // namespace fedstake::testing
