#include "tests/aggregation/round_builder.hpp"

#include <cmath>
#include <cstring>
#include <deque>

#include "proto/base/rng.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/crypto/sha256.hpp"
#include "proto/rules/update_details.hpp"
#include "tests/aggregation/made_bytes.hpp"

namespace fedstake::aggregation::testing {
namespace {

template <class Value>
Digest root_of(const std::vector<Value>& values) {
    return crypto::content_root_of(
        {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(Value)});
}

class KeptVectors final : public VectorStore {
public:
    explicit KeptVectors(const std::map<Digest, std::vector<std::int32_t>>& kept) : kept_(kept) {}
    [[nodiscard]] Result<std::unique_ptr<VectorSource>> open(const Digest& root) const override {
        const auto found = kept_.find(root);
        if (found == kept_.end()) {
            return fail(Errc::kNotFound, "not kept");
        }
        return memory_source(std::span<const std::int32_t>(found->second));
    }

private:
    const std::map<Digest, std::vector<std::int32_t>>& kept_;
};

crypto::SigningKey key_of(std::size_t index) {
    std::array<std::uint8_t, 32> secret{};
    secret[0] = 7;
    secret[30] = static_cast<std::uint8_t>(index >> 8U);
    secret[31] = static_cast<std::uint8_t>(index + 1);
    return crypto::SigningKey::from_secret(secret).value();
}

}  // namespace

RoundBuilder::RoundBuilder(std::size_t sites, std::uint64_t coordinates)
    : base(coordinates, 0.25F), values(sites) {
    rules.coordinates = coordinates;
    rules.anomaly.policy = rules::AnomalyPolicy::kImmediate;  // a single round confirms nothing
    rules.settlement.round_budget = 1'000'000;
    rules.settlement.stake_per_score = 1;
    context.federation.bytes[0] = 0xfe;
    context.round = 3;
    context.salt.bytes[5] = 9;
    for (std::size_t i = 0; i < sites; ++i) {
        keys_.push_back(key_of(i));
        rules::CohortMember member;
        member.site.bytes[0] = static_cast<std::uint8_t>(i >> 8U);
        member.site.bytes[1] = static_cast<std::uint8_t>(i);
        member.site.bytes[19] = 0x51;
        member.signer = keys_.back().address();
        member.stake = 10'000'000;
        context.cohort.push_back(member);
    }
}

void RoundBuilder::sign() {
    context.rules_digest = rules.digest();
    context.base_model = root_of(base);
    base_source_ = memory_source(std::span<const float>(base));
    sources_.clear();
    submitted_.clear();
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i].empty()) {
            continue;
        }
        sources_.push_back(memory_source(std::span<const std::int32_t>(values[i])));
        SubmittedUpdate update;
        update.values = sources_.back().get();
        update.signed_update.details =
            rules::UpdateDetails{.salt = {}, .rows = 100 + i, .loss = 0.5}.encode();
        update.signed_update.statement = {
            .federation = context.federation,
            .round = context.round,
            .attempt = context.attempt,
            .site = site(i),
            .base_model = context.base_model,
            .update_root = root_of(values[i]),
            .coordinates = values[i].size(),
            .details_digest = crypto::sha256(update.signed_update.details)};
        submitted_.push_back(update);
        sign_again(submitted_.size() - 1, i);
    }
}

void RoundBuilder::sign_again(std::size_t submitted_index, std::size_t signer) {
    rules::SignedUpdate& update = submitted_[submitted_index].signed_update;
    update.signature = crypto::sign_statement(domain, update.statement, keys_[signer]);
}

Result<RoundOutcome> RoundBuilder::evaluate(const RoundOptions& options) const {
    const KeptVectors earlier(kept);
    return evaluate_round({.rules = &rules,
                           .context = &context,
                           .domain = domain,
                           .base_model = base_source_.get(),
                           .updates = submitted_,
                           .state = state ? &*state : nullptr,
                           .earlier = &earlier},
                          options);
}

void RoundBuilder::go_on(const RoundOutcome& outcome) {
    ++context.round;
    state = outcome.state;
    context.previous_state = outcome.report.state;
    context.previous_aggregate = outcome.report.aggregate_root;
    sign();
}

Result<RoundOutcome> RoundBuilder::evaluate_and_go_on(unsigned threads) {
    Bytes aggregate;
    Bytes model;
    std::deque<Bytes> vectors;
    RoundOptions options{.threads = threads,
                         .aggregate_sink = reference::collect(aggregate),
                         .model_sink = reference::collect(model)};
    options.vector_sink = [&vectors](std::size_t) -> Result<ByteSink> {
        vectors.emplace_back();
        return reference::collect(vectors.back());
    };
    FS_ASSIGN(RoundOutcome outcome, evaluate(options));
    vectors.push_back(aggregate);
    for (const Bytes& bytes : vectors) {
        const std::vector<std::int32_t> made = reference::to_values(bytes);
        kept[root_of(made)] = made;
    }
    for (const std::vector<std::int32_t>& row : values) {
        kept[root_of(row)] = row;
    }
    std::memcpy(base.data(), model.data(), model.size());
    go_on(outcome);
    return outcome;
}

std::vector<std::int32_t> fixed_point(const std::vector<double>& model_units, unsigned scale_bits) {
    std::vector<std::int32_t> result;
    for (const double value : model_units) {
        result.push_back(static_cast<std::int32_t>(
            std::lround(std::ldexp(value, static_cast<int>(scale_bits)))));
    }
    return result;
}

std::vector<std::vector<double>> hospitals_and_attacker(std::uint64_t seed, std::size_t coordinates,
                                                        double attacked_norm) {
    Rng rng(seed);
    const auto direction = [&] {
        std::vector<double> v(coordinates);
        double square = 0.0;
        for (double& x : v) {
            x = rng.normal();
            square += x * x;
        }
        for (double& x : v) {
            x /= std::sqrt(square);
        }
        return v;
    };
    const std::vector<double> common = direction();
    const double norms[] = {1.0, 1.5, 2.0, 3.0, attacked_norm};
    const double agreement[] = {0.9, 0.8, 0.7, 0.3, 0.8};
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::vector<double> own = direction();
        const double factor = i == 4 ? -4.0 : 1.0;
        std::vector<double> row;
        for (std::size_t j = 0; j < coordinates; ++j) {
            row.push_back(
                factor * norms[i] *
                (agreement[i] * common[j] + std::sqrt(1.0 - agreement[i] * agreement[i]) * own[j]));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace fedstake::aggregation::testing
