// f, the trusted site, claims.
#include "aggregation/round_rule.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "proto/rules/update_details.hpp"

namespace fedstake::aggregation {

Result<std::uint32_t> choose_f(const Chain& chain, const RoundInput& input, std::size_t submitted,
                               std::size_t left) {
    const std::size_t excluded = submitted - left;
    const auto f = std::size_t{input.rules->aggregation.f};
    const std::size_t lowest = f > excluded ? f - excluded : 0;
    for (std::size_t candidate = f;; --candidate) {
        const auto tried = static_cast<std::uint32_t>(candidate);
        const auto supported = left == 0 ? fail(Errc::kInvalidInput, "no update is left")
                                         : check_support(chain, left, tried);
        if (supported) {
            return tried;
        }
        if (candidate == lowest) {
            return fail(
                Errc::kNotNow,
                fmt::format("round {}: {} of {} updates were excluded and {}", input.context->round,
                            excluded, submitted, supported.error().message));
        }
    }
}

std::optional<SiteId> trusted_site(const Chain& chain, const rules::RoundContext& context) {
    for (std::size_t k = 0; k < chain.parameters.size(); ++k) {
        if (chain.rule->parameters[k].name == "trusted" && chain.parameters[k]) {
            const auto place = static_cast<std::size_t>(*chain.parameters[k]);
            if (place < context.cohort.size()) {
                return context.cohort[place].site;
            }
        }
    }
    return std::nullopt;
}

Status find_trusted(Chain& chain, const rules::RoundContext& context,
                    std::span<const SiteId> sites) {
    const std::optional<SiteId> trusted = trusted_site(chain, context);
    for (std::size_t k = 0; k < chain.parameters.size(); ++k) {
        if (chain.rule->parameters[k].name != "trusted" || !chain.parameters[k]) {
            continue;
        }
        const auto found = trusted ? std::find(sites.begin(), sites.end(), *trusted) : sites.end();
        if (found == sites.end()) {
            return fail(Errc::kNotNow,
                        fmt::format("round {}: rule {} needs the update of the trusted site, "
                                    "number {} of the cohort of {}, which is not there or was "
                                    "excluded",
                                    context.round, chain.rule->name, *chain.parameters[k],
                                    context.cohort.size()));
        }
        chain.parameters[k] = static_cast<double>(found - sites.begin());
    }
    return {};
}

std::vector<double> claims_of(const RuleInfo& rule,
                              std::span<const rules::SignedUpdate* const> updates) {
    std::vector<double> claims;
    if (!rule.needs.claims) {
        return claims;
    }
    for (const rules::SignedUpdate* update : updates) {
        const auto details = rules::UpdateDetails::decode(update->details);
        claims.push_back(details ? static_cast<double>(details->rows) : 0.0);
    }
    if (std::all_of(claims.begin(), claims.end(), [](double claim) { return claim == 0.0; })) {
        std::fill(claims.begin(), claims.end(), 1.0);
    }
    return claims;
}

}  // namespace fedstake::aggregation
