// Parses within bounds and prints.
#include "client/app/status_text.hpp"

#include <nlohmann/json.hpp>

namespace fedstake::client {

Result<std::string> status_text(std::string_view text, bool one_line) {
    using nlohmann::json;
    bool too_deep = false;
    // Containers that are nested too deeply are dropped while parsing, and never become a value.
    const auto keep = [&too_deep](int depth, json::parse_event_t event, json& /*value*/) {
        const bool opens =
            event == json::parse_event_t::array_start || event == json::parse_event_t::object_start;
        too_deep = too_deep || (opens && depth >= kStatusNestingMax);
        return !too_deep;
    };
    const json report = json::parse(text, keep, false);
    if (too_deep) {
        return fail(Errc::kCorrupt, "the coordinator's status is nested more than " +
                                        std::to_string(kStatusNestingMax) + " levels deep");
    }
    if (report.is_discarded()) return fail(Errc::kCorrupt, "the coordinator's status is not JSON");
    return report.dump(one_line ? -1 : 2, ' ', false, json::error_handler_t::replace);
}

}  // namespace fedstake::client
