// A finished round as a tree for people.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "coordinator/app/round_summary.hpp"

namespace fedstake::coordinator {

// Wraps text in terminal colours, or leaves it alone.
class Style {
public:
    explicit Style(bool colour) : colour_(colour) {}
    [[nodiscard]] std::string good(const std::string& text) const { return wrap("32", text); }
    [[nodiscard]] std::string bad(const std::string& text) const { return wrap("31", text); }
    [[nodiscard]] std::string warn(const std::string& text) const { return wrap("33", text); }
    [[nodiscard]] std::string faint(const std::string& text) const { return wrap("2", text); }
    [[nodiscard]] std::string strong(const std::string& text) const { return wrap("1", text); }

private:
    [[nodiscard]] std::string wrap(const char* code, const std::string& text) const {
        return colour_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
    }
    bool colour_;
};

// Right predictions on a site's own test rows, as it reported them.
struct SiteAccuracy {
    std::uint64_t test_rows = 0;
    std::uint64_t test_correct = 0;
};

struct TreeExtras {
    std::string close_reason;  // "all received", "deadline"
    std::size_t asked = 0;
    std::string ledger;  // "posted in 0x.., block 12", "waits for the chain", "no chain"
    std::map<SiteId, SiteAccuracy> accuracy;
    std::uint32_t auditors_needed = 0;
    std::size_t name_width = 8;
};

// Several lines, each ended by a newline.
[[nodiscard]] std::string render_round(const RoundSummary& summary, const TreeExtras& extras,
                                       const Style& style);

}  // namespace fedstake::coordinator
