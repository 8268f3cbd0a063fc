// Splits at ":", "," and "=".
#include "aggregation/step_text.hpp"

#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace fedstake::aggregation {

Result<rules::Parameter> parse_parameter(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        return fail(Errc::kInvalidInput,
                    fmt::format("parameter \"{}\": write it as name=value", text));
    }
    const std::string_view digits = text.substr(equals + 1);
    double value = 0.0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value)) {
        return fail(Errc::kInvalidInput, fmt::format("parameter {}: \"{}\" is not a finite number",
                                                     text.substr(0, equals), digits));
    }
    return rules::Parameter{.name = std::string(text.substr(0, equals)), .value = value};
}

Result<rules::Step> parse_step(std::string_view text) {
    const std::size_t colon = text.find(':');
    rules::Step step{.name = std::string(text.substr(0, colon)), .parameters = {}};
    if (colon == std::string_view::npos) {
        return step;
    }
    std::string_view rest = text.substr(colon + 1);
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        auto parameter = parse_parameter(rest.substr(0, comma));
        if (!parameter) {
            return with_context(parameter.error(), step.name);
        }
        step.parameters.push_back(*std::move(parameter));
        more = comma != std::string_view::npos;
        rest = more ? rest.substr(comma + 1) : std::string_view{};
    }
    return step;
}

}  // namespace fedstake::aggregation
