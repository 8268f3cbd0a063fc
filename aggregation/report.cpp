// Canonical bytes of a round's report.
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"
#include "proto/base/limits.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::uint8_t kReportVersion = 2;
constexpr auto kLastReason = Reason::kNotSelected;
constexpr auto kLastStanding = rules::Standing::kStrike;

void write_site(ByteWriter& writer, const SiteReport& site) {
    writer.raw(site.site.view())
        .raw(site.update_root.view())
        .u8(static_cast<std::uint8_t>(site.standing))
        .u8(static_cast<std::uint8_t>(site.reason))
        .f64_bits(site.figures.norm)
        .f64_bits(site.figures.norm_deviation)
        .f64_bits(site.figures.cosine)
        .f64_bits(site.figures.distance)
        .f64_bits(site.figures.distance_deviation)
        .u32(site.figures.signals)
        .u64(site.weight)
        .u64(site.score);
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
    FS_ASSIGN(figures.norm_deviation, read_figure(reader));
    FS_ASSIGN(figures.cosine, read_figure(reader));
    FS_ASSIGN(figures.distance, read_figure(reader));
    FS_ASSIGN(figures.distance_deviation, read_figure(reader));
    FS_ASSIGN(figures.signals, reader.u32());
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
    FS_TRY(read_figures(reader, site.figures));
    FS_ASSIGN(site.weight, reader.u64());
    FS_ASSIGN(site.score, reader.u64());
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
    writer.raw(aggregate_root.view()).raw(model.view());
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
    FS_TRY(reader.finish());
    return report;
}

Digest RoundReport::digest() const {
    return crypto::sha256(encode());
}

}  // namespace fedstake::aggregation
