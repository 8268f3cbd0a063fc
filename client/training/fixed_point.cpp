// Float differences to fixed point, refused rather than clamped.
#include "client/training/fixed_point.hpp"

#include <cmath>

#include <fmt/format.h>

#include "proto/base/check.hpp"

namespace fedstake::training {

namespace {

// "linear.weight[7]" of a position in the shared vector.
std::string coordinate_name(const ParameterLayout& layout, std::uint64_t position) {
    for (const ParameterInfo& parameter : layout.parameters) {
        if (parameter.site_local) continue;
        if (position < parameter.count) return fmt::format("{}[{}]", parameter.name, position);
        position -= parameter.count;
    }
    return fmt::format("coordinate {}", position);
}

}  // namespace

Result<std::vector<std::int32_t>> to_update(std::span<const float> base,
                                            std::span<const float> trained,
                                            const rules::AggregationRules& rules,
                                            const ParameterLayout& layout) {
    FS_CHECK(base.size() == trained.size());
    const double scale = std::ldexp(1.0, rules.scale_bits);
    const auto limit = static_cast<double>(rules.coordinate_max);
    std::vector<std::int32_t> update(base.size());
    for (std::size_t j = 0; j < base.size(); ++j) {
        const double delta = static_cast<double>(trained[j]) - static_cast<double>(base[j]);
        const double scaled = delta * scale;
        if (!std::isfinite(scaled)) {
            return fail(Errc::kInvalidInput,
                        fmt::format("training diverged: {} is not finite; lower the learning rate "
                                    "or check the data's scale",
                                    coordinate_name(layout, j)));
        }
        const double rounded = std::round(scaled);
        if (std::fabs(rounded) > limit) {
            return fail(
                Errc::kInvalidInput,
                fmt::format("update of {} is {:g}, beyond the rules' limit of {:g} a round; "
                            "lower the learning rate or local_steps",
                            coordinate_name(layout, j), delta, limit / scale));
        }
        update[j] = static_cast<std::int32_t>(rounded);
    }
    return update;
}

}  // namespace fedstake::training
