// Exact quotients of doubles, floored.
#include "aggregation/contribution/integer_scores.hpp"

#include <cmath>

#include <fmt/format.h>

#include "aggregation/contribution/exact_values.hpp"
#include "aggregation/integer_math.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::aggregation::contribution {
namespace {

constexpr double kRounding = 1e-9;

// value = mantissa * 2^exponent, 2^52 <= mantissa < 2^53. REQUIRES value > 0 and finite.
struct Parts {
    explicit Parts(double value)
        : mantissa(static_cast<std::uint64_t>(std::frexp(value, &exponent) * 0x1p53)) {}
    int exponent = 0;
    std::uint64_t mantissa = 0;
};

// floor(kScoreMax * value / reference). REQUIRES 0 < value <= reference.
std::uint64_t quotient(double value, double reference) {
    const Parts above(value);
    const Parts below(reference);
    const int shift = below.exponent - above.exponent;  // >= 0
    if (shift >= 128) {
        return 0;
    }
    const Wide numerator = Wide{limits::kScoreMax} * above.mantissa;
    return static_cast<std::uint64_t>((numerator >> static_cast<unsigned>(shift)) / below.mantissa);
}

}  // namespace

Result<std::vector<std::uint64_t>> integer_scores(std::span<const double> values,
                                                  double reference) {
    if (!(reference >= 0.0 && std::isfinite(reference))) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("scores over the reference {}: needs a finite number >= 0", reference));
    }
    std::vector<std::uint64_t> scores;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!(std::isfinite(values[i]) && values[i] <= reference * (1.0 + kRounding))) {
            return fail(
                Errc::kInvalidInput,
                fmt::format("row {} has the contribution {}: needs a finite number, at most "
                            "the reference {}",
                            i, values[i], reference));
        }
        const double value = values[i] < reference ? values[i] : reference;
        scores.push_back(value > 0.0 ? quotient(value, reference) : 0);
    }
    return scores;
}

Result<std::vector<std::uint64_t>> banzhaf_scores(CachedUtility& utility) {
    FS_ASSIGN(const std::vector<double> values, banzhaf_exact(utility));
    return integer_scores(values, utility.range());
}

}  // namespace fedstake::aggregation::contribution
