// A round ready to be evaluated: rules, context, signed updates, all seeded.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "aggregation/pipeline.hpp"

namespace fedstake::aggregation::testing {

class RoundBuilder {
public:
    // Sites with ascending ids, enough stake, and signer keys of their own.
    RoundBuilder(std::size_t sites, std::uint64_t coordinates);

    rules::RoundRules rules;
    rules::RoundContext context;
    crypto::Eip712Domain domain{.chain_id = 31337, .verifying_contract = {}};
    std::vector<float> base;
    std::vector<std::vector<std::int32_t>> values;  // by site index; empty: no update

    [[nodiscard]] SiteId site(std::size_t index) const { return context.cohort[index].site; }
    [[nodiscard]] const crypto::SigningKey& key(std::size_t index) const { return keys_[index]; }
    // Call after changing rules, base or values: signs everything again.
    void sign();
    [[nodiscard]] std::vector<SubmittedUpdate>& submitted() { return submitted_; }
    // Signs one statement as it is.
    void sign_again(std::size_t submitted_index, std::size_t signer);
    [[nodiscard]] Result<RoundOutcome> evaluate(const RoundOptions& options = {}) const;
    // The round after this one: on the model that this one made, from the state that it left, whose
    // vectors are kept. The values stay; call sign() after changing them.
    void go_on(const RoundOutcome& outcome);
    // evaluate(), keeping everything that the next rounds may read, then go_on().
    [[nodiscard]] Result<RoundOutcome> evaluate_and_go_on(unsigned threads = 1);

    std::optional<RoundState> state;
    std::map<Digest, std::vector<std::int32_t>> kept;  // vectors of earlier rounds

private:
    std::vector<crypto::SigningKey> keys_;
    std::vector<std::unique_ptr<VectorSource>> sources_;
    std::unique_ptr<VectorSource> base_source_;
    std::vector<SubmittedUpdate> submitted_;
};

// Values of a unit-norm-like update: fixed point of seeded normals with the given norm.
[[nodiscard]] std::vector<std::int32_t> fixed_point(const std::vector<double>& model_units,
                                                    unsigned scale_bits = 24);

// Four honest sites that agree in part (pairwise cosines about .2 to .8, norms 1 to 3) and one that
// sends -4 times a fifth update of the same kind, with the norm `attacked_norm`.
[[nodiscard]] std::vector<std::vector<double>> hospitals_and_attacker(std::uint64_t seed,
                                                                      std::size_t coordinates,
                                                                      double attacked_norm);

}  // namespace fedstake::aggregation::testing
