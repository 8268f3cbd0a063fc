// The steps in n-space.
#include "aggregation/plan.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "aggregation/kernels/mix.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/check.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::aggregation {
namespace {

// Coordinates of the rows behind the pre-aggregations.
class MappedColumns final : public RowColumns {
public:
    MappedColumns(std::span<const Row> rows, std::uint64_t coordinates, const RowMap& map)
        : rows_(rows), coordinates_(coordinates), map_(map) {
        if (!map.is_identity()) {
            mixer_.emplace(map);
        }
    }

    [[nodiscard]] std::uint64_t coordinates() const noexcept override { return coordinates_; }

    [[nodiscard]] Result<std::vector<std::int32_t>> read(std::uint64_t first,
                                                         std::size_t count) const override {
        FS_CHECK(first + count <= coordinates_);
        std::vector<std::int32_t> values(rows_.size() * count);
        std::vector<const std::int32_t*> inputs;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const std::span<std::int32_t> out(values.data() + i * count, count);
            FS_TRY(rows_[i].values->read_int32(first, out));
            inputs.push_back(out.data());
        }
        if (!mixer_) {
            return values;
        }
        std::vector<std::int32_t> mixed(map_.rows_out() * count);
        std::vector<std::int32_t*> outputs;
        for (std::size_t i = 0; i < map_.rows_out(); ++i) {
            outputs.push_back(mixed.data() + i * count);
        }
        kernels::AlignedArray<double> scratch(mixer_->scratch_size());
        mixer_->run(inputs, count, outputs, scratch);
        return mixed;
    }

    [[nodiscard]] std::size_t bytes(std::size_t count) const noexcept override {
        const std::size_t rows = rows_.size() + (mixer_ ? map_.rows_out() : 0);
        const std::size_t scratch = mixer_ ? mixer_->scratch_size() * sizeof(double) : 0;
        return rows * count * sizeof(std::int32_t) + scratch;
    }

private:
    std::span<const Row> rows_;
    std::uint64_t coordinates_;
    const RowMap& map_;
    std::optional<kernels::Mixer> mixer_;
};

// Steps must not share their random choices.
Digest seed_of_step(const Digest& seed, std::size_t step) {
    ByteWriter writer;
    writer.raw(seed.view()).u32(static_cast<std::uint32_t>(step));
    return crypto::sha256(writer.take());
}

// The pre-aggregations one after another; `geometry` follows.
Result<RowMap> apply_pre(const PlanInput& input, Geometry& geometry) {
    RowMap map = RowMap::identity(input.n);
    if (input.merge != nullptr) {
        map = *input.merge;
        geometry = geometry.rows() == 0 ? geometry : geometry.mapped(map);
    }
    for (std::size_t k = 0; k < input.chain->pre.size(); ++k) {
        const Chain::Pre& step = input.chain->pre[k];
        FS_ASSIGN(
            const RowMap applied,
            step.info->apply(
                {.arguments = {.n = map.rows_out(), .f = input.f, .parameters = step.parameters},
                 .geometry = &geometry,
                 .unit = input.unit,
                 .seed = seed_of_step(input.seed, k)}));
        geometry = geometry.mapped(applied);
        map = map.then(applied);
    }
    return map;
}

Status check_claims(const PlanInput& input) {
    if (!input.chain->rule->needs.claims) {
        return {};
    }
    const std::string_view rule = input.chain->rule->name;
    if (input.claims.size() != input.n) {
        return fail(Errc::kInvalidInput,
                    fmt::format("rule {} needs a claimed weight for each of {} rows, {} are given",
                                rule, input.n, input.claims.size()));
    }
    bool any = false;
    for (std::size_t i = 0; i < input.n; ++i) {
        if (!(std::isfinite(input.claims[i]) && input.claims[i] >= 0.0)) {
            return fail(Errc::kInvalidInput,
                        fmt::format("rule {}: row {} claims the weight {}, must be a finite number "
                                    "of at least 0",
                                    rule, i, input.claims[i]));
        }
        any = any || input.claims[i] > 0.0;
    }
    return any ? Status{}
               : fail(Errc::kInvalidInput, fmt::format("rule {}: all claimed weights are 0", rule));
}

}  // namespace

bool needs_geometry(const Chain& chain) noexcept {
    return chain.rule->needs.geometry || !chain.pre.empty();
}
bool needs_centre(const Chain& chain) noexcept {
    return chain.rule->needs.centre;
}

Result<Plan> plan_aggregate(const PlanInput& input) {
    FS_CHECK(input.memory != nullptr && input.rows.size() >= input.n);
    Plan plan;
    FS_CHECK(input.merge == nullptr ||
             (input.merge->rows_in() == input.n && !looks_at_single_rows(*input.chain->rule)));
    FS_ASSIGN(plan.arguments,
              check_support(*input.chain,
                            input.merge == nullptr ? input.n : input.merge->rows_out(), input.f));
    FS_TRY(check_claims(input));
    const std::size_t memory_rows = input.rows.size() - input.n;
    if (needs_geometry(*input.chain)) {
        FS_CHECK(input.geometry.rows() == input.rows.size());
        plan.geometry = memory_rows == 0 ? input.geometry : input.geometry.first(input.n);
    }
    FS_ASSIGN(const RowMap map, apply_pre(input, plan.geometry));
    plan.map = map.with_rows_behind(memory_rows);
    if (memory_rows > 0 && needs_geometry(*input.chain)) {
        plan.geometry = input.geometry.mapped(plan.map);
    }
    const MappedColumns columns(input.rows, input.coordinates, plan.map);
    FS_ASSIGN(plan.answer, input.chain->rule->combine(
                               {.arguments = plan.arguments,
                                .geometry = &plan.geometry,
                                .unit = input.unit,
                                .seed = seed_of_step(input.seed, input.chain->pre.size()),
                                .memory = input.memory,
                                .columns = input.chain->rule->needs.columns ? &columns : nullptr,
                                .claims = input.claims,
                                .memory_bytes = input.memory_bytes}));
    return plan;
}

Combination effective_weights(const Plan& plan) {
    const Combination& combination = plan.answer.combination;
    if (combination.columns == ColumnRule::kWeightedMean) {
        return through(combination, plan.map);
    }
    Combination result = combination;
    result.weights.assign(plan.map.rows_in(), 0);
    for (std::size_t i = 0; i < plan.map.rows_out(); ++i) {
        for (std::size_t a = 0; combination.weights[i] != 0 && a < plan.map.rows_in(); ++a) {
            result.weights[a] |= plan.map.weight(i, a) != 0 ? 1U : 0U;
        }
    }
    return result;
}

}  // namespace fedstake::aggregation
