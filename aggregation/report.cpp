// Canonical bytes of a round's report.
#include <bit>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"
#include "proto/base/limits.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::uint8_t kReportVersion = 3;
constexpr auto kLastReason = Reason::kSharesWeight;
constexpr auto kLastStanding = rules::Standing::kStrike;

// A bit for each signal with a figure, then all figures, 0 where there is none: every site takes
// as many bytes.
void write_signals(ByteWriter& writer, const detect::SiteFigures& signals) {
    std::uint32_t present = 0;
    for (std::size_t k = 0; k < signals.size(); ++k) {
        present |= signals[k] ? 1U << k : 0U;
    }
    writer.u32(present);
    for (const std::optional<double>& figure : signals) {
        writer.f64_bits(figure.value_or(0.0));
    }
}

// What settlement and the contracts read comes first.
void write_site(ByteWriter& writer, const SiteReport& site) {
    writer.raw(site.site.view())
        .raw(site.update_root.view())
        .u8(static_cast<std::uint8_t>(site.standing))
        .u8(static_cast<std::uint8_t>(site.reason))
        .u64(site.weight)
        .u64(site.score)
        .u8(static_cast<std::uint8_t>(site.verdict.outcome))
        .u8(static_cast<std::uint8_t>(site.verdict.clause))
        .u32(site.verdict.fired)
        .u32(static_cast<std::uint32_t>(site.verdict.reasons))
        .u32(static_cast<std::uint32_t>(site.verdict.shared_between))
        .f64_bits(site.figures.norm)
        .f64_bits(site.figures.distance);
    write_signals(writer, site.figures.signals);
}

Result<double> read_figure(ByteReader& reader) {
    FS_ASSIGN(const double value, reader.f64_bits());
    if (!std::isfinite(value)) {
        return fail(Errc::kCorrupt, "round report: a figure is not a finite number");
    }
    return value;
}

Status read_figures(ByteReader& reader, Figures& figures) {
    FS_ASSIGN(figures.norm, read_figure(reader));
    FS_ASSIGN(figures.distance, read_figure(reader));
    FS_ASSIGN(const std::uint32_t present, reader.u32());
    if (present >= 1U << detect::kSignals) {
        return fail(Errc::kCorrupt, "round report: a figure of an unknown signal");
    }
    for (std::size_t k = 0; k < detect::kSignals; ++k) {
        FS_ASSIGN(const std::uint64_t bits, reader.u64());
        const auto value = std::bit_cast<double>(bits);
        if (!std::isfinite(value)) {
            return fail(Errc::kCorrupt, "round report: a figure is not a finite number");
        }
        if ((present >> k & 1U) != 0) {
            figures.signals[k] = value;
        } else if (bits != 0) {
            return fail(Errc::kCorrupt, "round report: a figure of a signal without evidence");
        }
    }
    return {};
}

Status read_verdict(ByteReader& reader, detect::Verdict& verdict) {
    FS_ASSIGN(const std::uint8_t outcome, reader.u8());
    FS_ASSIGN(const std::uint8_t clause, reader.u8());
    FS_ASSIGN(verdict.fired, reader.u32());
    FS_ASSIGN(verdict.reasons, reader.u32());
    FS_ASSIGN(verdict.shared_between, reader.u32());
    if (outcome > static_cast<std::uint8_t>(detect::Outcome::kStrike) ||
        clause > static_cast<std::uint8_t>(detect::Clause::kEnoughToStrike) ||
        verdict.fired >= 1U << detect::kSignals || verdict.reasons > detect::kSignals ||
        verdict.shared_between < 1 || verdict.shared_between > limits::kSitesMax) {
        return fail(Errc::kCorrupt, "round report: an unknown verdict");
    }
    verdict.outcome = static_cast<detect::Outcome>(outcome);
    verdict.clause = static_cast<detect::Clause>(clause);
    return {};
}

Result<SiteReport> read_site(ByteReader& reader) {
    SiteReport site;
    FS_TRY(reader.raw(site.site.bytes));
    FS_TRY(reader.raw(site.update_root.bytes));
    FS_ASSIGN(const std::uint8_t standing, reader.u8());
    FS_ASSIGN(const std::uint8_t reason, reader.u8());
    if (standing > static_cast<std::uint8_t>(kLastStanding) ||
        reason > static_cast<std::uint8_t>(kLastReason)) {
        return fail(Errc::kCorrupt, fmt::format("round report: unknown standing {} or reason {}",
                                                standing, reason));
    }
    site.standing = static_cast<rules::Standing>(standing);
    site.reason = static_cast<Reason>(reason);
    FS_ASSIGN(site.weight, reader.u64());
    FS_ASSIGN(site.score, reader.u64());
    FS_TRY(read_verdict(reader, site.verdict));
    FS_TRY(read_figures(reader, site.figures));
    return site;
}

}  // namespace

Bytes RoundReport::encode() const {
    ByteWriter writer;
    writer.u8(kReportVersion)
        .text(rule)
        .u32(f)
        .u32(weight_denominator)
        .u32(static_cast<std::uint32_t>(sites.size()));
    for (const SiteReport& site : sites) {
        write_site(writer, site);
    }
    writer.raw(aggregate_root.view()).raw(model.view()).raw(state.view());
    for (const double limit : limits) {
        writer.f64_bits(limit);
    }
    return writer.take();
}

Result<RoundReport> RoundReport::decode(ByteView bytes) {
    ByteReader reader(bytes);
    FS_ASSIGN(const std::uint8_t version, reader.u8());
    if (version != kReportVersion) {
        return fail(Errc::kCorrupt,
                    fmt::format("round report: version {}, expected {}", version, kReportVersion));
    }
    RoundReport report;
    FS_ASSIGN(report.rule, reader.text(limits::kNameLengthMax));
    FS_ASSIGN(report.f, reader.u32());
    FS_ASSIGN(report.weight_denominator, reader.u32());
    if (report.weight_denominator == 0) {
        return fail(Errc::kCorrupt, "round report: the weights' denominator is 0");
    }
    FS_ASSIGN(const std::uint32_t count, reader.u32());
    if (count > limits::kSitesMax) {
        return fail(Errc::kCorrupt, fmt::format("round report: {} sites, at most {} are possible",
                                                count, limits::kSitesMax));
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        FS_ASSIGN(SiteReport site, read_site(reader));
        if (i > 0 && !(report.sites.back().site < site.site)) {
            return fail(Errc::kCorrupt, "round report: sites are not in ascending order");
        }
        report.sites.push_back(std::move(site));
    }
    FS_TRY(reader.raw(report.aggregate_root.bytes));
    FS_TRY(reader.raw(report.model.bytes));
    FS_TRY(reader.raw(report.state.bytes));
    for (double& limit : report.limits) {
        FS_ASSIGN(limit, reader.f64_bits());
        if (std::isnan(limit)) {
            return fail(Errc::kCorrupt, "round report: a limit is not a number");
        }
    }
    FS_TRY(reader.finish());
    return report;
}

Digest RoundReport::digest() const {
    return crypto::sha256(encode());
}

}  // namespace fedstake::aggregation
