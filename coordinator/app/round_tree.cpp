// A finished round as a tree for people.
#include "coordinator/app/round_tree.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fedstake::coordinator {

namespace {

std::string figures_text(const aggregation::Figures& figures) {
    using aggregation::detect::Signal;
    const auto of = [&figures](Signal signal) {
        return figures.signals.at(static_cast<std::size_t>(signal)).value_or(0.0);
    };
    return fmt::format("norm {:<9.4g} ({:+.1f})  cosine {:+.2f}  distance {:<9.4g} ({:+.1f})",
                       figures.norm, of(Signal::kNorm), of(Signal::kCosine), figures.distance,
                       of(Signal::kDistance));
}

std::string verdict_text(const SiteSummary& site, const Style& style) {
    const std::string padded = fmt::format("{:<9}", site.standing);
    if (site.standing == "accepted") {
        return style.good(padded);
    }
    return site.standing == "absent" ? style.faint(padded) : style.bad(padded);
}

std::string site_line(const SiteSummary& site, const TreeExtras& extras, const Style& style) {
    std::string line =
        fmt::format("├─ {:<{}}  {}", site.name, extras.name_width, verdict_text(site, style));
    if (site.figures) {
        line += "  " + figures_text(*site.figures);
    }
    if (site.standing == "accepted") {
        line += fmt::format("  score {:<7}", site.score);
    }
    if (!site.reason.empty()) {
        std::string reason = site.reason;
        if (site.verdict.fired != 0) {
            reason += fmt::format(" ({})", fmt::join(signal_names(site.verdict.fired), ", "));
        }
        line += "  " + style.warn(reason);
    }
    if (site.settlement.strikes > 0) {
        line += fmt::format("  strikes {}", site.settlement.strikes);
    }
    if (site.settlement.accused) {
        line += "  " + style.bad(fmt::format("accused: {:.1f} % of its stake",
                                             site.settlement.accused_bps / 100.0));
    }
    return line + "\n";
}

std::string accuracy_line(const TreeExtras& extras) {
    std::uint64_t rows = 0;
    std::uint64_t correct = 0;
    for (const auto& [site, accuracy] : extras.accuracy) {
        rows += accuracy.test_rows;
        correct += accuracy.test_correct;
    }
    if (rows == 0) {
        return "not reported";
    }
    return fmt::format("{:.3f} on {} test rows of {} sites",
                       static_cast<double>(correct) / static_cast<double>(rows), rows,
                       extras.accuracy.size());
}

}  // namespace

std::string render_round(const RoundSummary& summary, const TreeExtras& extras,
                         const Style& style) {
    const round::RecordResult& record = *summary.record;
    const crypto::RoundCommitment& c = record.commitment;
    std::string title = fmt::format("Round {}", c.round);
    if (c.attempt > 0) {
        title += fmt::format(", attempt {}", c.attempt + 1);
    }
    const auto accepted = std::ranges::count(summary.sites, "accepted", &SiteSummary::standing);
    std::string text =
        style.strong(title) + fmt::format("  asked {}, received {} ({})  base {}\n", extras.asked,
                                          record.updates.size(), extras.close_reason,
                                          c.parent_model.short_hex());
    for (const SiteSummary& site : summary.sites) {
        if (site.asked || !site.reason.empty()) {
            text += site_line(site, extras, style);
        }
    }
    text += fmt::format("├─ rule        {}, f = {}, over {} of {} updates\n", record.report.rule,
                        record.report.f, accepted, record.updates.size());
    text += fmt::format("├─ model       {}\n", c.model.hex());
    text += fmt::format("├─ commitment  {}  signed by {} ({} needed)\n", c.struct_hash().hex(),
                        record.signatures.size(), extras.auditors_needed);
    text += fmt::format("├─ ledger      {}\n", extras.ledger);
    text += fmt::format("└─ accuracy    {}\n", accuracy_line(extras));
    return text;
}

}  // namespace fedstake::coordinator
