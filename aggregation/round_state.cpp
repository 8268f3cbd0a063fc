// Canonical bytes of what a round leaves.
#include "aggregation/round_state.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "proto/base/limits.hpp"
#include "proto/crypto/content_tree.hpp"

namespace fedstake::aggregation {
namespace {

constexpr std::uint8_t kStateVersion = 1;
// Of a rule; the largest keeps a history of norms.
constexpr std::size_t kFiguresMax = 65536;

void write(ByteWriter& out, const std::vector<SiteVector>& vectors) {
    out.u32(static_cast<std::uint32_t>(vectors.size()));
    for (const SiteVector& entry : vectors) {
        out.raw(entry.site.view()).raw(entry.root.view());
    }
}

Result<std::size_t> read_count(ByteReader& in, std::size_t max, std::string_view what) {
    FS_ASSIGN(const std::uint32_t count, in.u32());
    if (count > max) {
        return fail(Errc::kCorrupt,
                    fmt::format("{} {}, at most {} are possible", count, what, max));
    }
    return count;
}

Status read(ByteReader& in, std::vector<SiteVector>& out) {
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax, "sites"));
    for (std::size_t i = 0; i < count; ++i) {
        SiteVector entry;
        FS_TRY(in.raw(entry.site.bytes));
        FS_TRY(in.raw(entry.root.bytes));
        if (i > 0 && !(out.back().site < entry.site)) {
            return fail(Errc::kCorrupt, "sites are not in ascending order");
        }
        out.push_back(entry);
    }
    return {};
}

Status read(ByteReader& in, RuleMemory& rule) {
    FS_ASSIGN(const std::size_t count, read_count(in, kFiguresMax, "figures of the rule"));
    for (std::size_t i = 0; i < count; ++i) {
        FS_ASSIGN(const double figure, in.f64_bits());
        if (!std::isfinite(figure)) {
            return fail(Errc::kCorrupt, "a figure of the rule is not a finite number");
        }
        rule.figures.push_back(figure);
    }
    return {};
}

Result<RoundState> read_state(ByteView bytes) {
    ByteReader in(bytes);
    FS_ASSIGN(const std::uint8_t version, in.u8());
    if (version != kStateVersion) {
        return fail(Errc::kCorrupt, fmt::format("version {}, expected {}", version, kStateVersion));
    }
    RoundState state;
    FS_ASSIGN(state.round, in.u64());
    FS_TRY(read(in, state.rule));
    FS_TRY(read(in, state.vectors));
    FS_ASSIGN(const std::size_t aggregates, read_count(in, kAggregatesMax, "aggregates"));
    state.aggregates.resize(aggregates);
    for (Digest& root : state.aggregates) {
        FS_TRY(in.raw(root.bytes));
    }
    FS_ASSIGN(const std::size_t rounds, read_count(in, kEarlierRoundsMax, "rounds"));
    state.earlier.resize(rounds);
    for (EarlierRound& round : state.earlier) {
        FS_TRY(in.raw(round.base_model.bytes));
        FS_TRY(read(in, round.updates));
    }
    FS_ASSIGN(const Bytes history, in.blob(kStateBytesMax));
    FS_ASSIGN(state.history, detect::History::decode(history));
    FS_TRY(in.finish());
    return state;
}

}  // namespace

Bytes RoundState::encode() const {
    ByteWriter out;
    out.u8(kStateVersion).u64(round).u32(static_cast<std::uint32_t>(rule.figures.size()));
    for (const double figure : rule.figures) {
        out.f64_bits(figure);
    }
    write(out, vectors);
    out.u32(static_cast<std::uint32_t>(aggregates.size()));
    for (const Digest& root : aggregates) {
        out.raw(root.view());
    }
    out.u32(static_cast<std::uint32_t>(earlier.size()));
    for (const EarlierRound& entry : earlier) {
        out.raw(entry.base_model.view());
        write(out, entry.updates);
    }
    out.blob(history.encode());
    return out.take();
}

Result<RoundState> RoundState::decode(ByteView bytes) {
    Result<RoundState> state = read_state(bytes);
    if (!state) {
        return with_context(std::move(state).error(), "round state");
    }
    return state;
}

Digest RoundState::root() const {
    return crypto::content_root_of(encode());
}

std::vector<Digest> vectors_needed(const RoundState& state, bool look_back) {
    std::vector<Digest> roots;
    const auto add = [&roots](const Digest& root) {
        if (std::find(roots.begin(), roots.end(), root) == roots.end()) {
            roots.push_back(root);
        }
    };
    for (const SiteVector& entry : state.vectors) {
        add(entry.root);
    }
    if (!look_back) {
        return roots;
    }
    if (!state.earlier.empty()) {
        for (const SiteVector& entry : state.earlier.back().updates) {
            add(entry.root);
        }
    }
    for (const Digest& root : state.aggregates) {
        add(root);
    }
    return roots;
}

}  // namespace fedstake::aggregation
