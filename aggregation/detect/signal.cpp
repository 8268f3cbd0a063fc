// The table of signals.
#include "aggregation/detect/signal.hpp"

#include <algorithm>

namespace fedstake::aggregation::detect {
namespace {

constexpr std::string_view kDeviationLimit =
    "max(3, z), z the normal quantile that n honest sites exceed in 1 % of rounds";
constexpr std::string_view kPairLimit =
    "1/2, after what max(1/2, median + z * 1.4826 MAD) over either site's own pairs (fewer than 8: "
    "and over all pairs), at most 0.995, has above 1/2 is taken off; z for 1 % of rounds. At 1/2 "
    "two sites are as near to each other as to the centre, at 0.995 ten times nearer";

constexpr std::array<SignalInfo, kSignals> kTable = {{
    {Signal::kNorm, Family::kSize, true, "norm", "deviation of |x| from the other sites' norms",
     kDeviationLimit,
     "An honest site with far more data or steps than the others. Misses everything of normal "
     "size.",
     "robust z-score, leave-one-out; docs/aggregation.md"},
    {Signal::kCosine, Family::kDirection, false, "cosine",
     "cosine of x to the coordinate median of the rows",
     "-1/2: at equal length the site is sqrt(3) times as far from the centre as zero is",
     "Late in training honest sites pull against each other. Misses a flip of a minority site.",
     "docs/aggregation.md"},
    {Signal::kDistance, Family::kSize, true, "distance",
     "deviation of |x - centre| from the other sites' distances", kDeviationLimit,
     "A lone site with data of its own kind. Misses what stays inside the honest spread: ALIE, "
     "mimic, small IPM.",
     "robust z-score, leave-one-out; docs/aggregation.md"},
    {Signal::kNearest, Family::kSize, true, "nearest",
     "deviation of the distance to the f-th nearest other row, at least the first: f colluders "
     "have only f - 1 near ones of their own",
     kDeviationLimit,
     "As distance. It needs no centre, so a shifted median does not blind it, but it is blind to "
     "more than f colluders.",
     "k-nearest-neighbour outliers (Ramaswamy, Rastogi, Shim 2000) with k = f"},
    {Signal::kSpectral, Family::kSize, true, "spectral",
     "deviation from the others along the direction in which the others differ most: a site that "
     "lies far out there follows somebody",
     kDeviationLimit,
     "Honest minority sites of one kind. Needs f >= 2: a lone attacker does not fire it, since the "
     "direction is made without the site.",
     "DnC (Shejwalkar and Houmansadr 2021) on all coordinates, leave-one-out"},
    {Signal::kSigns, Family::kDirection, true, "signs",
     "deviation of the distance between the site's shares of positive, zero and negative "
     "coordinates and the others' median shares",
     "as deviations; 1 / (2 sqrt d) is added to the scale, the error of counting d signs",
     "Sparse updates, frozen layers. Flipping all signs does not change shares of one half each.",
     "SignGuard (Xu et al. 2022), without its clustering"},
    {Signal::kResend, Family::kTime, true, "resend",
     "deviation of ln(min(|x|, |x'|) / |x - x'|), x' the site's last update, over the larger of "
     "1.4826 MAD and ln 2",
     kDeviationLimit,
     "A site that trains on all its rows without noise among sites that draw batches. Misses a "
     "resend with more than an eighth of the noise that honest training has.",
     "cross-round check of FedML, as a deviation"},
    {Signal::kJump, Family::kTime, true, "jump",
     "deviation of |x - x'| from the other sites' own changes", kDeviationLimit,
     "A site whose data were replaced. Fires in the first round of an attack, not in its middle.",
     "cross-round check of FedML, as a deviation"},
    {Signal::kPrediction, Family::kTime, true, "prediction",
     "mean over 10 rounds of |x - predicted x|, as a share of all sites' errors, times n",
     "middle between the two clusters of the sites' figures where the gap statistic finds two; "
     "infinite otherwise, or where the upper cluster is not a minority",
     "Sites of very different size: errors are absolute. Misses an attack from the first round "
     "on that is as steady as training, and attacks that start late, for some rounds.",
     "FLDetector (Zhang et al. 2022, section 3); clusters in one dimension are exact"},
    {Signal::kLikeness, Family::kCoalition, true, "likeness",
     "largest mean over rounds of min(cos(x - c, y - c), cos(x, y)) with another site, decayed by "
     "0.9 a round, c the coordinate median",
     kPairLimit,
     "Two honest sites with data of one rare kind; the victim of a mimic. Misses k identities "
     "that add noise of more than their own length.",
     "FoolsGold (Fung et al. 2020) on residuals, as a verdict"},
    {Signal::kHiddenLikeness, Family::kCoalition, true, "hidden-likeness",
     "largest likeness to what another site sent in the round before, relative to how much both "
     "repeat themselves: noise made anew each round, +z and -z too, drops out",
     kPairLimit,
     "As likeness, and in few dimensions chance. Misses noise that is kept from round to round.",
     "this project: lagged inner products of residuals"},
    {Signal::kTurns, Family::kCoalition, true, "turns",
     "how much more often than by chance exactly one of a group takes part that never has two, "
     "over "
     "at most 64 rounds, in units of Hoeffding's bound",
     "1: the bound for all groups of that size, exceeded by chance in 1 % of rounds",
     "Sites of different time zones or shifts. Misses turns that overlap once, and turns taken by "
     "sending something harmless.",
     "FoolsGold's adaptive attack (Fung et al. 2020); Hoeffding 1963, theorem 2"},
}};

constexpr bool numbers_are_positions() {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].signal) != i) {
            return false;
        }
    }
    return true;
}
static_assert(numbers_are_positions());

}  // namespace

std::span<const SignalInfo> all_signals() noexcept {
    return kTable;
}

const SignalInfo& signal_info(Signal signal) noexcept {
    return kTable[static_cast<std::size_t>(signal)];
}

std::optional<Signal> signal_named(std::string_view name) noexcept {
    const auto* const found = std::find_if(
        kTable.begin(), kTable.end(), [&](const SignalInfo& info) { return info.name == name; });
    return found == kTable.end() ? std::nullopt : std::optional(found->signal);
}

std::uint32_t fired(const SiteFigures& figures, const Limits& limits) noexcept {
    std::uint32_t result = 0;
    for (const SignalInfo& info : kTable) {
        const auto index = static_cast<std::size_t>(info.signal);
        if (!figures[index]) {
            continue;
        }
        const double figure = *figures[index];
        if (info.fires_above ? figure > limits[index] : figure < limits[index]) {
            result |= bit(info.signal);
        }
    }
    return result;
}

}  // namespace fedstake::aggregation::detect
