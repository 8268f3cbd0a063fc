// Evaluates honestly, then lets the test lie.
#include "tests/contracts/cpp/evm/challenged_round.hpp"

#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "proto/base/rng.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::testing {

namespace {

template <class Value>
ByteView view_of(const std::vector<Value>& values) {
    return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(Value)};
}

template <class Value>
std::vector<Value> values_of(const Bytes& bytes) {
    std::vector<Value> values(bytes.size() / sizeof(Value));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

}  // namespace

ChallengedRound::ChallengedRound(TestChain& chain, const std::string& rule, std::size_t sites,
                                 std::uint64_t coordinates)
    : chain_(chain), builder_(sites, coordinates) {
    Rng rng(11);
    for (auto& row : builder_.values) {
        row.resize(coordinates);
        for (auto& value : row) value = static_cast<std::int32_t>(rng.normal() * 100'000.0);
    }
    builder_.domain = chain.domain();
    builder_.context.federation = test_federation();
    builder_.context.round = 1;
    builder_.rules.aggregation.rule.name = rule;
    builder_.rules.schedule.auditors_needed = kThreshold;
    builder_.sign();
    bind_keys();
    take_honest();
}

void ChallengedRound::bind_keys() {
    const auto must = [](const auto& result) {
        if (!result) throw std::runtime_error(result.error().message);
        return *result;
    };
    const Address vault = chain_.contracts().stake_vault;
    const evm::ContractAbi& abi = chain_.abis().stake_vault;
    evm::EthNode& node = chain_.node();
    for (std::size_t i = 0; i < builder_.context.cohort.size(); ++i) {
        const SiteId site = builder_.site(i);
        const crypto::SigningKey& key = builder_.key(i);
        const auto owner = must(evm::call_view(node, vault, abi, "ownerOfSigner",
                                               {evm::AbiValue::address(key.address())}));
        if (!must(owner[0].as_address()).is_zero()) continue;
        const crypto::Signature word = crypto::sign_statement(
            {chain_.domain().chain_id, vault}, crypto::SignerBinding{site, key.address()}, key);
        const Bytes data = must(abi.encode_call(
            "setSigner", {evm::AbiValue::address(key.address()),
                          evm::AbiValue::bytes({word.bytes.begin(), word.bytes.end()})}));
        // No key leads to the site's address: the node takes its word.
        must(node.raw("anvil_impersonateAccount", evm::Json::array({site.hex()})));
        must(node.raw("anvil_setBalance", evm::Json::array({site.hex(), "0xde0b6b3a7640000"})));
        must(node.raw("eth_sendTransaction",
                      evm::Json::array({evm::Json{
                          {"from", site.hex()}, {"to", vault.hex()}, {"data", to_hex0x(data)}}})));
    }
}

void ChallengedRound::take_honest() {
    Bytes aggregate_bytes;
    Bytes model_bytes;
    const auto into = [](Bytes& out) {
        return [&out](ByteView bytes) {
            out.insert(out.end(), bytes.begin(), bytes.end());
            return Status{};
        };
    };
    aggregation::RoundOptions options;
    options.aggregate_sink = into(aggregate_bytes);
    options.model_sink = into(model_bytes);
    auto outcome = builder_.evaluate(options);
    if (!outcome) throw std::runtime_error(outcome.error().message);
    outcome_ = std::move(*outcome);
    rules = builder_.rules;
    context = builder_.context;
    values = builder_.values;
    base = builder_.base;
    updates.clear();
    for (const auto& update : builder_.submitted()) updates.push_back(update.signed_update);
    aggregate = values_of<std::int32_t>(aggregate_bytes);
    model = values_of<float>(model_bytes);
    report = outcome_->report;
    context_bytes = context.encode();
    report_bytes = report.encode();
    commitment = outcome_->commitment;
}

void ChallengedRound::rename_values() {
    report.aggregate_root = crypto::content_root_of(view_of(aggregate));
    report.model = crypto::content_root_of(view_of(model));
    commitment.aggregate_root = report.aggregate_root;
    commitment.model = report.model;
}

void ChallengedRound::reapply() {
    const double unit = std::ldexp(1.0, -static_cast<int>(rules.aggregation.scale_bits));
    for (std::size_t j = 0; j < model.size(); ++j) {
        model[j] = static_cast<float>(static_cast<double>(base[j]) +
                                      static_cast<double>(aggregate[j]) * unit);
    }
}

void ChallengedRound::resettle() {
    std::vector<rules::SiteScore> scores;
    for (const auto& site : report.sites) {
        scores.push_back({.site = site.site, .score = site.score, .standing = site.standing});
    }
    const auto settlement = rules::settle(context, rules, scores);
    if (!settlement) throw std::runtime_error(settlement.error().message);
    commitment.reward_total = settlement->reward_total;
    commitment.score_sum = settlement->score_sum;
    commitment.scores_root = settlement->scores_root;
    commitment.rewards_root = settlement->rewards_root;
}

void ChallengedRound::write_report() {
    report_bytes = report.encode();
    commitment.report_digest = crypto::sha256(report_bytes);
}

void ChallengedRound::write_context() {
    context_bytes = context.encode();
    commitment.context_digest = crypto::sha256(context_bytes);
}

void ChallengedRound::rename_updates() {
    commitment.updates_root = evm::root_of(leaves());
}

Status ChallengedRound::post() {
    const auto ledger = chain_.ledger();
    const std::string key = "commit/" + commitment.struct_hash().hex();
    FS_TRY(ledger->submit({.key = key,
                           .operation = chain::CommitRound{
                               .commitment = commitment,
                               .signatures = audited(chain_.domain(), commitment.struct_hash())}}));
    for (int i = 0; i < 200; ++i) {
        FS_TRY(ledger->pump());
        FS_ASSIGN(const auto status, ledger->status(key));
        if (status.state == chain::IntentState::kRejected) {
            return fail(Errc::kConflict, status.detail);
        }
        if (status.transaction != Digest{} && ledger->committed(commitment.round)) return {};
    }
    return fail(Errc::kUnavailable,
                "round " + std::to_string(commitment.round) + " does not get onto the chain");
}

void ChallengedRound::go_on() {
    const rules::Settlement settlement = outcome_->settlement;
    builder_.context.cohort = rules::next_cohort(builder_.context, settlement, {});
    builder_.context.previous_rewards_root = settlement.rewards_root;
    for (const auto& row : values) builder_.kept[crypto::content_root_of(view_of(row))] = row;
    builder_.kept[report.aggregate_root] = aggregate;
    builder_.base = model;
    Rng rng(commitment.round);
    for (auto& row : builder_.values) {
        for (auto& value : row) value = static_cast<std::int32_t>(rng.normal() * 100'000.0);
    }
    builder_.go_on(*outcome_);
    take_honest();
}

std::vector<evm::UpdateLeaf> ChallengedRound::leaves() const {
    return evm::update_leaves(chain_.domain(), updates);
}

evm::RoundDocuments ChallengedRound::documents() const {
    return {.report = report_bytes, .context = context_bytes, .rules = rules.encode()};
}

evm::SignedReceipt ChallengedRound::receipt(std::size_t site) const {
    const crypto::UpdateStatement& statement = updates[site].statement;
    evm::SignedReceipt made;
    made.receipt = {.federation = statement.federation,
                    .round = statement.round,
                    .attempt = statement.attempt,
                    .site = statement.site,
                    .update_root = statement.update_root,
                    .statement_digest = crypto::signing_digest(chain_.domain(), statement)};
    made.signature =
        crypto::sign_statement(chain_.domain(), made.receipt, evm::dev_key(kCoordinator));
    return made;
}

std::filesystem::path ChallengedRound::store_bytes(const std::filesystem::path& folder,
                                                   ByteView bytes) const {
    std::filesystem::create_directories(folder);
    const auto path = folder / to_hex(crypto::content_root_of(bytes).view());
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    if (!out) throw std::runtime_error("cannot write " + path.string());
    return path;
}

void ChallengedRound::store_all(const std::filesystem::path& folder) const {
    for (const auto& row : values) (void)store(folder, row);
    (void)store(folder, base);
    (void)store(folder, aggregate);
    (void)store(folder, model);
    for (const auto& [root, vector] : builder_.kept) (void)store(folder, vector);
    if (builder_.state) (void)store_bytes(folder, builder_.state->encode());
}

}  // namespace fedstake::testing
