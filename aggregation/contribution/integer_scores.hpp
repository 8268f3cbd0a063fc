// From contributions to the scores that settlement counts: integers from 0 to limits::kScoreMax.
//
//   score_i = floor(kScoreMax * max(0, value_i) / reference)
//
// with the quotient of the two doubles taken exactly. The reference is the same for all rows. It
// must not depend on how many identities a site has, which rules out the sum of the values. For
// exact Banzhaf values it is the range of the game, max U - min U over all subsets: no value is
// larger, and identities that add nothing leave it as it is.
//
// What holds for banzhaf_scores(). A site becomes k identities, and the utility of a set is what it
// was, with the site in it once at least one identity is. Then the sum of their scores is at most
// the score of the one site. Proof: identity j adds something only to sets without the k - 1
// others, a share 2^-(k-1) of all, and there what the site added; so each value is 2^-(k-1) times
// that of the site, and k 2^-(k-1) <= 1. Range and zeroes stay; floors of parts sum to at most the
// floor of the whole; and since utilities are rounded first, all this is exact.
//   Two identities: the sum does not rise however utility depends on which of them are present, as
// long as the set with both is worth what the site was and neither value is negative: the two
// values sum to that of the site (Lehrer, "An axiomatization of the Banzhaf value", 1988).
//   k equal parts that add the same each, or nothing until all are there: it does not rise either.
// With three or more parts whose utility jumps at a middle number of them it does: to less than
// twice where no part adds more than the part before, to about sqrt(2 k / pi) times at the worst.
//   Identities that do add something get it. With the plain mean, k equal rows weigh k times: in
// random rounds of five sites that raised the sum for 8 % of sites at k = 2 and none at k = 3, and
// lowered it to 0.8 to 0.9 and 0.3 to 0.6 on average. Parts x / k pay where noise is as large as
// the goal: less of a noisy row is then worth more, to one site as to k; the sum rose to 1.6 times
// at k = 2 with that noise, to 2.1 times with twice of it, and fell to 0.8 with half of it
// (score_attacks_test.cpp).
//   On four real hospitals Cleveland's two identities summed to 1.1 to 1.2 times its score alone
// under the mean, to 1.3 to 1.5 times under multi-krum, whose choice they sway; see
// docs/contribution.md.
//   Shapley values do not have the property: where others hold much the same, identities enter
// earlier, and the sum rises. Leave-one-out has it, but pays nobody whom another repeats.
//
// What no rule can do that treats equal rows equally and pays them: keep the *share*. Once two
// equal sites become k + 1 equal ones, k of them hold k / (k + 1) of the sum. Stake bounds that.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aggregation/contribution/utility.hpp"

namespace fedstake::aggregation::contribution {

// Monotone in each value. A reference of 0 (all utilities equal) gives 0 to all.
// RETURNS kInvalidInput for a value or reference that is not finite, for a reference below 0, and
// for a value above it by more than rounding (1e-9 of it); within that it counts as the reference.
[[nodiscard]] Result<std::vector<std::uint64_t>> integer_scores(std::span<const double> values,
                                                                double reference);

// banzhaf_exact() over the range of the game. RETURNS the errors of banzhaf_exact().
// For sampled values: integer_scores(lower_bounds(sampled, z), utility.span()). With z = 4, say, no
// lower bound is above its value but by rare chance, so identities get no more together than the
// exact rule would pay the site on that reference.
[[nodiscard]] Result<std::vector<std::uint64_t>> banzhaf_scores(CachedUtility& utility);

}  // namespace fedstake::aggregation::contribution
