// The attacks and their table.
#include "sim/attacks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace fedstake::sim {

namespace {

// Fixed-point values stay clear of INT32_MIN, which stands for "not a number".
std::int32_t saturate(double value) noexcept {
    constexpr double kLargest = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::clamp(std::nearbyint(value), -kLargest, kLargest));
}

std::vector<std::int32_t> scaled(std::span<const std::int32_t> values, double factor) {
    std::vector<std::int32_t> out;
    out.reserve(values.size());
    for (const std::int32_t value : values) out.push_back(saturate(value * factor));
    return out;
}

double root_mean_square(std::span<const std::int32_t> values) {
    double sum = 0.0;
    for (const std::int32_t value : values) sum += static_cast<double>(value) * value;
    return values.empty() ? 0.0 : std::sqrt(sum / static_cast<double>(values.size()));
}

std::vector<std::int32_t> sign_flip(const AttackView& view, Rng& /*rng*/) {
    return scaled(view.honest, -view.factor);
}

std::vector<std::int32_t> scaling(const AttackView& view, Rng& /*rng*/) {
    return scaled(view.honest, view.factor);
}

std::vector<std::int32_t> noise(const AttackView& view, Rng& rng) {
    const double deviation = view.factor * root_mean_square(view.honest);
    std::vector<std::int32_t> out;
    out.reserve(view.honest.size());
    for (std::size_t i = 0; i < view.honest.size(); ++i)
        out.push_back(saturate(deviation * rng.normal()));
    return out;
}

std::vector<std::int32_t> zero(const AttackView& view, Rng& /*rng*/) {
    return std::vector<std::int32_t>(view.honest.size(), 0);
}

std::vector<std::int32_t> free_ride(const AttackView& view, Rng& rng) {
    if (view.previous.empty()) return {view.honest.begin(), view.honest.end()};
    // The last update again, with a little noise so that it is not an exact copy.
    const double deviation = 0.01 * root_mean_square(view.previous);
    std::vector<std::int32_t> out;
    out.reserve(view.previous.size());
    for (const std::int32_t value : view.previous) {
        out.push_back(saturate(value + deviation * rng.normal()));
    }
    return out;
}

constexpr std::array<std::string_view, 4> kUnbounded = {"foolsgold", "mean", "robust-learning-rate",
                                                        "weighted-mean"};
constexpr std::array<std::string_view, 6> kFlipped = {
    "centered-clipping",    "foolsgold",    "mean", "norm-difference-clipping",
    "robust-learning-rate", "weighted-mean"};
constexpr std::array<std::string_view, 1> kBySimilarity = {"foolsgold"};

constexpr std::string_view kOwnUpdate = "its own update only";

constexpr std::array<Attack, 5> kAttacks = {{
    {.name = "sign_flip",
     .what = "minus factor times its own update",
     .formula = "-factor x",
     .knows = kOwnUpdate,
     .factor = "length of what is sent over that of the own update",
     .effect = "Drives the model away from what it learns. Its length gives it away: norm and "
               "distance fire at factor 4. Late in training, where updates are small, a flip "
               "is small too.",
     .breaks = kFlipped,
     .source = "Li, Xu, Chen, Giannakis, Ling, \"RSA: Byzantine-Robust Stochastic Aggregation "
               "Methods for Distributed Learning from Heterogeneous Datasets\", AAAI 2019, "
               "section 5, where it is called sign-flipping; SignFlipping of ByzFL is factor 1",
     .apply = sign_flip},
    {.name = "scaling",
     .what = "factor times its own update",
     .formula = "factor x",
     .knows = kOwnUpdate,
     .factor = "how many sites it counts for under the mean; n makes the model its own",
     .effect = "Puts the attacker's model in the place of all. Only its length gives it away: norm "
               "and distance fire, cosine does not.",
     .breaks = kUnbounded,
     .source = "Bagdasaryan, Veit, Hua, Estrin, Shmatikov, \"How To Backdoor Federated "
               "Learning\", AISTATS 2020, section 4.2, model replacement",
     .apply = scaling},
    {.name = "noise",
     .what = "Gaussian noise, factor times as strong as its own update",
     .formula = "z_j independent normal, mean 0, deviation factor |x| / sqrt(d)",
     .knows = kOwnUpdate,
     .factor = "length of the noise over that of the own update; 1 is a free-rider that sends "
               "noise of the right size",
     .random = true,
     .effect = "Slows learning down by chance directions. At factor 1 no signal of one round "
               "strikes it; jump and prediction fire, and its contribution is about 0.",
     .breaks = kUnbounded,
     .source = "Blanchard, El Mhamdi, Guerraoui, Stainer, \"Machine Learning with Adversaries\", "
               "NeurIPS 2017, section 5, Gaussian Byzantine workers; there with a fixed deviation "
               "of 200",
     .apply = noise},
    {.name = "zero",
     .what = "nothing: all coordinates zero",
     .formula = "0",
     .knows = "nothing",
     .effect = "Holds the model where it is. Rounds of a federation refuse it at the gate "
               "(all-zero). On matrices zeros resemble nobody, so foolsgold, for which alike sites "
               "are one, keeps them alone; weiszfeld-steps, which starts at zero, is "
               "held back where sites differ little from each other.",
     .breaks = kBySimilarity,
     .source = "this project; a crash fault (Lamport, Shostak, Pease, \"The Byzantine Generals "
               "Problem\", 1982, section 1) that still answers",
     .apply = zero},
    {.name = "free_ride",
     .what = "its own last update again, with 1 % noise",
     .formula = "x' + z, x' what it sent last, z_j independent normal with deviation "
                "0.01 |x'| / sqrt(d); x in the first round",
     .knows = "its own last update",
     .random = true,
     .effect = "Saves the work of training and is paid for it. resend fires, which strikes nobody "
               "by itself; norm and distance do once honest updates have become shorter. Costs the "
               "model little.",
     .source = "Lin, Du, Liu, \"Free-riders in Federated Learning: Attacks and Defenses\", 2019, "
               "section 3, with the own last update in the place of the model's last change",
     .apply = free_ride},
}};

}  // namespace

std::span<const Attack> attacks() noexcept {
    return kAttacks;
}

Result<const Attack*> find_attack(std::string_view name) {
    const auto found = std::find_if(kAttacks.begin(), kAttacks.end(),
                                    [name](const Attack& attack) { return attack.name == name; });
    if (found != kAttacks.end()) return &*found;
    std::string known;
    for (const Attack& attack : kAttacks) {
        known += known.empty() ? "" : ", ";
        known += attack.name;
    }
    return fail(Errc::kInvalidInput,
                "unknown attack '" + std::string(name) + "'; known ones are: " + known);
}

}  // namespace fedstake::sim
