// The table and its texts.
#include "aggregation/rules/selection_table.hpp"

#include <array>
#include <string_view>

#include "aggregation/rules/bulyan.hpp"
#include "aggregation/rules/caf.hpp"
#include "aggregation/rules/krum.hpp"
#include "aggregation/rules/mda.hpp"
#include "aggregation/rules/monna.hpp"
#include "aggregation/rules/smea.hpp"
#include "aggregation/rules/trusted_parameter.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::array kSelected{
    ParameterInfo{.name = "m",
                  .meaning = "rows averaged; default and upper end n - f",
                  .minimum = 1.0,
                  .maximum = 512.0,
                  .integer = true}};
constexpr std::array kSelectedPaper{
    ParameterInfo{.name = "m",
                  .meaning = "rows averaged; default and upper end n - f - 2",
                  .minimum = 1.0,
                  .maximum = 512.0,
                  .integer = true}};
constexpr std::array kTrusted{kTrustedParameter};

constexpr std::string_view kKrumPaper =
    "Blanchard, El Mhamdi, Guerraoui, Stainer, \"Machine Learning with Adversaries\", NeurIPS "
    "2017, section 4";
constexpr std::string_view kKrumLibrary =
    "Krum with one more neighbour, for every n > 2f: Farhadkhani et al., \"Byzantine Machine "
    "Learning Made Easy By Resilient Averaging of Momentums\", ICML 2022";

constexpr RuleNeeds kDistances{.geometry = true};

constexpr std::array kRules{
    RuleInfo{.name = "krum",
             .id = 5,
             .summary = "The row with the least sum of squared distances to its n - f - 1 nearest "
                        "others.",
             .breaks = "Outputs one row, so it keeps the noise of one site and follows none of the "
                       "others: with unequal data it costs accuracy even without an attacker. "
                       "Hostile rows that copy an honest one, or that lie just inside the honest "
                       "spread, are chosen.",
             .cost = "O(n^2 d), two passes",
             .requirement = "n > 2f",
             .source = kKrumLibrary,
             .needs = kDistances,
             .supports = krum_supports,
             .combine = krum},
    RuleInfo{.name = "krum-paper",
             .id = 6,
             .summary = "The row with the least sum of squared distances to its n - f - 2 nearest "
                        "others: Krum as it was published.",
             .breaks = "As krum. Below n = 2f + 3 hostile rows can form the tightest group, and "
                       "the error is then without bound: refused.",
             .cost = "O(n^2 d), two passes",
             .requirement = "n >= 2f + 3",
             .source = kKrumPaper,
             .needs = kDistances,
             .supports = krum_paper_supports,
             .combine = krum_paper},
    RuleInfo{.name = "multi-krum",
             .id = 7,
             .summary = "Mean of the m rows with the least krum scores.",
             .breaks = "Leaves out f rows even where nobody is hostile: those of sites with rare "
                       "data. Hostile rows inside the honest spread are averaged in.",
             .cost = "O(n^2 d), two passes",
             .requirement = "n > 2f",
             .source = kKrumLibrary,
             .parameters = kSelected,
             .needs = kDistances,
             .supports = krum_supports,
             .selectable = multi_krum_most,
             .combine = multi_krum},
    RuleInfo{.name = "multi-krum-paper",
             .id = 8,
             .summary = "Mean of the m rows with the least krum-paper scores.",
             .breaks = "As multi-krum, and two rows fewer are averaged.",
             .cost = "O(n^2 d), two passes",
             .requirement = "n >= 2f + 3",
             .source = kKrumPaper,
             .parameters = kSelectedPaper,
             .needs = kDistances,
             .supports = krum_paper_supports,
             .selectable = multi_krum_paper_most,
             .combine = multi_krum_paper},
    RuleInfo{.name = "bulyan",
             .id = 20,
             .summary = "Krum picks n - 2f rows one after the other; then each coordinate is the "
                        "mean of the n - 4f values of the picks nearest to their median.",
             .breaks = "Needs many sites: seven for one hostile site, eleven for two. Averages few "
                       "values, so it is noisier than the other rules, and it trusts krum's picks.",
             .cost = "O(n^2 d + n^3), two passes",
             .requirement = "n >= 4f + 3",
             .source = "El Mhamdi, Guerraoui, Rouault, \"The Hidden Vulnerability of Distributed "
                       "Learning in Byzantium\", ICML 2018, section 4; scores are renewed after "
                       "each pick, with at least one neighbour",
             .needs = kDistances,
             .supports = bulyan_supports,
             .combine = bulyan},
    RuleInfo{.name = "mda",
             .id = 21,
             .summary = "Minimum-diameter averaging: mean of the n - f rows whose largest distance "
                        "between two of them is the least.",
             .breaks = "Hostile rows inside the honest diameter count in full, and one honest site "
                       "with rare data is left out before they are. Rows made to be hard to search "
                       "cost time: half a minute at the most.",
             .cost = "O(n^2 d), two passes, and an exact search of at most 2^34 operations; 512 "
                     "usual rows take hundredths of a second",
             .requirement =
                 "n > 2f, and a search of at most 2^34 operations whatever the rows are: "
                 "any f for n <= 80, f <= 40 for n = 100, f <= 35 for n = 512",
             .source = "El Mhamdi, Guerraoui, Guirguis, Hoang, Rouault, \"Genuinely Distributed "
                       "Byzantine Machine Learning\", PODC 2020; the subset is found by search "
                       "instead of by trying all, ties go to the first in lexicographic order",
             .needs = kDistances,
             .supports = mda_supports,
             .combine = mda},
    RuleInfo{.name = "smea",
             .id = 22,
             .summary = "Smallest-maximum-eigenvalue averaging: mean of the n - f rows that vary "
                        "least in the direction in which they vary most.",
             .breaks = "Tries all subsets, so it is for few sites. Hostile rows that add no "
                       "variance in the honest rows' worst direction are averaged in.",
             .cost = "O(n^2 d), two passes, and C(n, f) (n - f)^3",
             .requirement = "n > 2f, C(n, f) <= 100000 and C(n, f) (n - f)^3 <= 2^33",
             .source = "Allouah, Guerraoui, Gupta, Pinot, Stephan, \"On the Privacy-Robustness-"
                       "Utility Trilemma in Distributed Learning\", ICML 2023; eigenvalues are "
                       "computed to rounding, those within 1e-12 count as equal",
             .needs = kDistances,
             .supports = smea_supports,
             .combine = smea},
    RuleInfo{.name = "caf",
             .id = 23,
             .summary = "Covariance-bound agnostic filter: rows that lie far out in the direction "
                        "of the largest variance lose weight, until n - 2f is left; the mean with "
                        "the least such variance is the result.",
             .breaks = "Hostile rows spread over many directions lose weight slowly. With few "
                       "honest rows that differ much, honest rows lose weight first.",
             .cost = "O(n^2 d), two passes, and O(f n^3)",
             .requirement = "n > 2f",
             .source =
                 "Allouah, Guerraoui, Stephan, \"Towards Trustworthy Federated Learning with "
                 "Untrusted Participants\", ICML 2025, algorithm 2; the eigenpair is computed "
                 "to rounding, and weights fall relative to the rows that still have weight",
             .needs = kDistances,
             .supports = caf_supports,
             .combine = caf},
    RuleInfo{
        .name = "monna",
        .id = 24,
        .summary = "Mean of the n - f rows nearest to one trusted row, itself included.",
        .breaks =
            "Everything if the trusted row is hostile. A round without its update has no result.",
        .cost = "O(n^2 d), two passes",
        .requirement = "n > 2f and trusted < n",
        .source = "Farhadkhani, Guerraoui, Gupta, Hoang, Pinot, Stephan, \"Robust "
                  "Collaborative Learning with Linear Gradient Overhead\", ICML 2023; there "
                  "every site trusts its own row",
        .parameters = kTrusted,
        .needs = kDistances,
        .supports = monna_supports,
        .combine = monna},
};

}  // namespace

std::span<const RuleInfo> selection_rules() noexcept {
    return kRules;
}

}  // namespace fedstake::aggregation
