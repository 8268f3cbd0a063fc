#include "tests/aggregation/reference/draws.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "aggregation/registry.hpp"
#include "tests/aggregation/reference/draw_rows.hpp"

namespace fedstake::aggregation::slow {
namespace {

// Subsets that the slow versions try; smea's costs an eigenvalue for each.
constexpr double kMdaSubsetsMax = 1500.0;
constexpr double kSmeaSubsetsMax = 220.0;
// Rows that the slow bulyan, caf and smea take.
constexpr std::size_t kCubicRowsMax = 64;

double subsets(std::size_t n, std::uint32_t f) {
    double result = 1.0;
    for (std::uint32_t k = 0; k < f; ++k) {
        result = result * static_cast<double>(n - k) / static_cast<double>(k + 1);
    }
    return result;
}

double median_norm(const ChainQuestion& question) {
    std::vector<double> norms;
    for (const reference::Values& row : question.rows) {
        double sum = 0.0;
        for (const std::int32_t value : row) {
            sum += static_cast<double>(value) * value;
        }
        norms.push_back(std::sqrt(sum));
    }
    std::sort(norms.begin(), norms.end());
    return norms[norms.size() / 2] * question.unit;
}

class Parameters {
public:
    Parameters(Rng& rng, const ChainQuestion& question) : rng_(rng) {
        const std::size_t n = question.rows.size();
        const std::uint32_t f = question.rules.f;
        const auto whole = [this](std::uint64_t least, std::uint64_t most) {
            return [this, least, most] {
                return static_cast<double>(least + rng_.below(most - least + 1));
            };
        };
        const auto one_of = [this](std::vector<double> values) {
            return [this, values = std::move(values)] { return values[rng_.below(values.size())]; };
        };
        const auto length = [this, usual = median_norm(question)] {
            return std::clamp(usual * (0.2 + 1.5 * rng_.uniform()), 0x1p-16, 65536.0);
        };
        draws_ = {{"norm", length},
                  {"tau", length},
                  {"nu",
                   [this, length] {
                       const double share = rng_.uniform();
                       return share * length() + 1e-9;
                   }},
                  {"beta",
                   [this, n, f] {
                       const std::size_t most = (n - 1) / 2;
                       const std::size_t cut =
                           f + rng_.below(most - std::min<std::size_t>(f, most) + 1);
                       return std::min(0.4999, static_cast<double>(cut) / static_cast<double>(n));
                   }},
                  {"alpha", [this] { return 0x1p-10 + rng_.uniform() * (1.0 - 0x1p-10); }},
                  {"noise", [] { return 0.0; }},  // noise_test.cpp has its known answers
                  {"trusted", whole(0, n - 1)},
                  {"threshold", whole(1, n + 2)},
                  {"m", whole(1, n)},
                  {"count", whole(1, n)},
                  {"s", whole(1, 5)},
                  {"coordinates", whole(1, question.rows.front().size() + 3)},
                  {"iterations", whole(1, 5)},
                  {"c", one_of({0.5, 1.0, 1.5, 2.0})},
                  {"tolerance", one_of({1e-6, 1e-4, 0.1})},
                  {"iterations_max", one_of({1.0, 2.0, 7.0, 1000.0})},
                  {"steps", whole(1, 6)},
                  {"cap", one_of({1.0, 2.0, 3.5, 1024.0})},
                  {"unnormalised", whole(0, 1)}};
    }

    // Required ones always, others every second time. Throws for a name that has no draw here.
    template <class Info>
    rules::Step step(const Info& info) {
        rules::Step result{.name = std::string(info.name), .parameters = {}};
        for (const ParameterInfo& parameter : info.parameters) {
            const double value = draws_.at(parameter.name)();
            if (parameter.required || rng_.below(2) == 0) {
                result.parameters.push_back({.name = std::string(parameter.name), .value = value});
            }
        }
        return result;
    }

private:
    Rng& rng_;
    std::map<std::string_view, std::function<double()>> draws_;
};

bool affordable(const ChainQuestion& question) {
    const std::string& rule = question.rules.rule.name;
    const std::size_t n = question.rows.size();
    const double tried = subsets(n, question.rules.f);
    if ((rule == "mda" && tried > kMdaSubsetsMax) || (rule == "smea" && tried > kSmeaSubsetsMax)) {
        return false;
    }
    return n <= kCubicRowsMax || (rule != "bulyan" && rule != "caf" && rule != "smea" &&
                                  rule != "mda" && rule != "clipped-clustering");
}

bool possible(const ChainQuestion& question) {
    const auto chain = find_chain(question.rules);
    return affordable(question) && chain &&
           check_support(*chain, question.rows.size(), question.rules.f).has_value();
}

// 1 to 24 rows; now and then many, which are short.
std::pair<std::size_t, std::size_t> draw_shape(Rng& rng) {
    if (rng.below(40) == 0) {
        const std::size_t most = rng.below(4) == 0 ? 512 : 96;
        return {25 + rng.below(most - 24), 1 + rng.below(4)};
    }
    const std::uint64_t longest = std::uint64_t{3} << (2 * rng.below(4));  // 3 to 192
    return {1 + rng.below(24), 1 + rng.below(longest + longest / 24)};
}

std::optional<Draw> try_chain(Rng& rng) {
    Draw draw;
    ChainQuestion& question = draw.question;
    const auto [n, d] = draw_shape(rng);
    DrawnRows drawn = draw_rows(rng, n, d);
    question.rows = std::move(drawn.rows);
    question.unit = std::ldexp(1.0, -static_cast<int>(8 + rng.below(23)));
    for (std::uint8_t& byte : question.seed.bytes) {
        byte = static_cast<std::uint8_t>(rng.below(256));
    }
    question.rules.f = static_cast<std::uint32_t>(rng.below((n - 1) / 2 + 1));
    const RuleInfo& rule = *all_rules()[rng.below(all_rules().size())];
    const std::uint64_t one = rng.below(4);
    const std::uint64_t steps = std::min(one, rng.below(5));
    Parameters parameters(rng, question);
    question.rules.rule = parameters.step(rule);
    for (std::uint64_t k = 0; k < steps; ++k) {
        const auto pre = all_pre_aggregations();
        question.rules.pre.push_back(parameters.step(*pre[rng.below(pre.size())]));
        draw.name += question.rules.pre.back().name + " + ";
    }
    while (!possible(question) && question.rules.f > 0) {
        --question.rules.f;
    }
    if (!possible(question)) {
        return std::nullopt;
    }
    if (rule.needs.claims) {
        for (std::size_t i = 0; i < n; ++i) {
            question.claims.push_back(rng.below(5) == 0 ? 0.0 : rng.uniform() * 1000.0);
        }
        question.claims.front() = 1.0;
    }
    if (rule.needs.figures && rng.below(2) == 0) {
        question.figures = {0.5 * median_norm(question), median_norm(question), 0.0};
    }
    const std::size_t memory_rows = memory_rows_of(rule, n);
    question.memory.assign(memory_rows, reference::Values(d, 0));
    if (memory_rows > 0 && rng.below(2) == 0) {
        question.memory = draw_rows(rng, memory_rows, d).rows;
    }
    draw.name += fmt::format("{}, n = {}, f = {}, d = {}, {}", rule.name, n, question.rules.f, d,
                             drawn.kind);
    return draw;
}

}  // namespace

Draw draw_chain(Rng& rng) {
    for (;;) {
        if (std::optional<Draw> draw = try_chain(rng)) {
            return *std::move(draw);
        }
    }
}

ChainQuestion reordered(const ChainQuestion& question, const std::vector<std::size_t>& order) {
    ChainQuestion result = question;
    for (std::size_t i = 0; i < order.size(); ++i) {
        result.rows[i] = question.rows[order[i]];
        if (!question.claims.empty()) {
            result.claims[i] = question.claims[order[i]];
        }
        if (question.memory.size() == order.size() && order.size() > 1) {
            result.memory[i] = question.memory[order[i]];
        }
    }
    for (rules::Parameter& parameter : result.rules.rule.parameters) {
        if (parameter.name == "trusted") {
            const auto was = static_cast<std::size_t>(parameter.value);
            parameter.value =
                static_cast<double>(std::find(order.begin(), order.end(), was) - order.begin());
        }
    }
    return result;
}

}  // namespace fedstake::aggregation::slow
