// The neighbours of the trusted row.
#include "aggregation/rules/monna.hpp"

#include "aggregation/rules/nearest.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kParameterTrusted = 0;

}  // namespace

bool monna_supports(const Arguments& a) {
    return a.n > 2 * std::size_t{a.f} && a.count(kParameterTrusted, a.n) < a.n;
}

Result<RuleAnswer> monna(const RuleInput& input) {
    const Arguments& a = input.arguments;
    RuleAnswer answer;
    answer.combination =
        mean_of(a.n, nearest_rows(*input.geometry, a.count(kParameterTrusted, 0), a.n - a.f));
    return answer;
}

}  // namespace fedstake::aggregation
