// Journal bytes of events.
#include "coordinator/round/event_codec.hpp"

#include <fmt/format.h>

#include "coordinator/round/settlement_codec.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::round {

namespace {

// Numbers in the journal; never reuse one.
enum class Kind : std::uint8_t {
    kStarted = 1,
    kStakesKnown = 2,
    kSiteSeen = 3,
    kUpdateSigned = 4,
    kUpdateStored = 5,
    kDeadlinePassed = 6,
    kAggregated = 7,
    kAggregationFailed = 8,
    kAuditorSigned = 9,
    kAuditorRefused = 10,
    kRoundPosted = 11,
    kRoundFinal = 12,
    kUpdateLost = 13,
    kRoundVoided = 14,
};

constexpr std::size_t kTextMax = 64 * 1024;
constexpr std::size_t kContextMax = 256 * 1024;
constexpr std::size_t kSignedUpdateMax = limits::kDetailsBytesMax + 4096;

ByteWriter start(Kind kind) {
    ByteWriter out;
    out.u8(kEventFormat).u8(static_cast<std::uint8_t>(kind));
    return out;
}

Bytes encode(const Started& e) {
    ByteWriter out = start(Kind::kStarted);
    out.u64(e.rounds_max).raw(e.entropy.view()).raw(e.initial_model.view());
    out.u32(static_cast<std::uint32_t>(e.roster.size()));
    for (const RosterEntry& entry : e.roster) {
        out.raw(entry.site.view()).raw(entry.signer.view()).text(entry.name);
        out.u8(entry.trains ? 1 : 0).u8(entry.audits ? 1 : 0);
    }
    return out.take();
}

Bytes encode(const StakesKnown& e) {
    ByteWriter out = start(Kind::kStakesKnown);
    out.u32(static_cast<std::uint32_t>(e.stakes.size()));
    for (const rules::KnownStake& stake : e.stakes) {
        out.raw(stake.site.view()).u128(stake.stake).u8(stake.barred ? 1 : 0);
    }
    return out.take();
}

Bytes encode(const SiteSeen& e) {
    ByteWriter out = start(Kind::kSiteSeen);
    out.raw(e.site.view());
    return out.take();
}

Bytes encode(const UpdateSigned& e) {
    ByteWriter out = start(Kind::kUpdateSigned);
    out.blob(e.update.encode());
    return out.take();
}

Bytes encode(const UpdateStored& e) {
    ByteWriter out = start(Kind::kUpdateStored);
    out.u64(e.round).u32(e.attempt).raw(e.site.view()).raw(e.update_root.view());
    out.u8(static_cast<std::uint8_t>(e.verdict));
    return out.take();
}

Bytes encode(const UpdateLost& e) {
    ByteWriter out = start(Kind::kUpdateLost);
    out.u64(e.round).u32(e.attempt).raw(e.site.view()).text(e.reason);
    return out.take();
}

Bytes encode(const DeadlinePassed& /*e*/) {
    return start(Kind::kDeadlinePassed).take();
}

Bytes encode(const Aggregated& e) {
    ByteWriter out = start(Kind::kAggregated);
    out.u64(e.round).u32(e.attempt).blob(e.report.encode());
    write(out, e.settlement);
    write(out, e.commitment);
    out.u32(static_cast<std::uint32_t>(e.faults.size()));
    for (const crypto::AttestedFault& fault : e.faults) {
        write(out, fault);
    }
    return out.take();
}

Bytes encode(const AggregationFailed& e) {
    ByteWriter out = start(Kind::kAggregationFailed);
    out.u64(e.round).u32(e.attempt).text(e.reason);
    return out.take();
}

Bytes encode(const AuditorSigned& e) {
    ByteWriter out = start(Kind::kAuditorSigned);
    out.u64(e.round).u32(e.attempt).raw(e.auditor.view()).raw(e.commitment.view());
    out.u32(static_cast<std::uint32_t>(e.faults.size()));
    for (const crypto::Signature& signature : e.faults) {
        out.raw(signature.view());
    }
    return out.take();
}

Bytes encode(const AuditorRefused& e) {
    ByteWriter out = start(Kind::kAuditorRefused);
    out.u64(e.round).u32(e.attempt).raw(e.auditor.view()).text(e.reason);
    return out.take();
}

Bytes encode(const RoundPosted& e) {
    ByteWriter out = start(Kind::kRoundPosted);
    out.u64(e.round);
    return out.take();
}

Bytes encode(const RoundFinal& e) {
    ByteWriter out = start(Kind::kRoundFinal);
    out.u64(e.round);
    return out.take();
}

Bytes encode(const RoundVoided& e) {
    ByteWriter out = start(Kind::kRoundVoided);
    out.u64(e.round).raw(e.commitment.view()).u8(e.before ? 1 : 0);
    if (e.before) {
        out.blob(e.before->context.encode());
        write(out, e.before->settlement);
        write(out, e.before->commitment);
        out.raw(e.before->state.view());
    }
    return out.take();
}

Result<Event> decode_started(ByteReader& in) {
    Started e;
    FS_ASSIGN(e.rounds_max, in.u64());
    FS_TRY(in.raw(e.entropy.bytes));
    FS_TRY(in.raw(e.initial_model.bytes));
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax));
    e.roster.resize(count);
    for (RosterEntry& entry : e.roster) {
        FS_TRY(in.raw(entry.site.bytes));
        FS_TRY(in.raw(entry.signer.bytes));
        FS_ASSIGN(entry.name, in.text(limits::kNameLengthMax));
        FS_ASSIGN(entry.trains, read_flag(in));
        FS_ASSIGN(entry.audits, read_flag(in));
    }
    return e;
}

Result<Event> decode_stakes_known(ByteReader& in) {
    StakesKnown e;
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax));
    e.stakes.resize(count);
    for (rules::KnownStake& stake : e.stakes) {
        FS_TRY(in.raw(stake.site.bytes));
        FS_ASSIGN(stake.stake, in.u128());
        FS_ASSIGN(stake.barred, read_flag(in));
    }
    return e;
}

Result<Event> decode_site_seen(ByteReader& in) {
    SiteSeen e;
    FS_TRY(in.raw(e.site.bytes));
    return e;
}

Result<Event> decode_update_signed(ByteReader& in) {
    FS_ASSIGN(const Bytes bytes, in.blob(kSignedUpdateMax));
    FS_ASSIGN(auto update, rules::SignedUpdate::decode(bytes));
    return UpdateSigned{std::move(update)};
}

Result<Event> decode_update_stored(ByteReader& in) {
    UpdateStored e;
    FS_ASSIGN(e.round, in.u64());
    FS_ASSIGN(e.attempt, in.u32());
    FS_TRY(in.raw(e.site.bytes));
    FS_TRY(in.raw(e.update_root.bytes));
    FS_ASSIGN(const std::uint8_t verdict, in.u8());
    if (!is_refusal(verdict)) {
        return fail(Errc::kCorrupt, fmt::format("unknown refusal {}", verdict));
    }
    e.verdict = static_cast<Refusal>(verdict);
    return e;
}

Result<Event> decode_aggregated(ByteReader& in) {
    Aggregated e;
    FS_ASSIGN(e.round, in.u64());
    FS_ASSIGN(e.attempt, in.u32());
    FS_ASSIGN(const Bytes report, in.blob(limits::kReportBytesMax));
    FS_ASSIGN(e.report, aggregation::RoundReport::decode(report));
    FS_ASSIGN(e.settlement, read_settlement(in));
    FS_ASSIGN(e.commitment, read_commitment(in));
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax));
    e.faults.resize(count);
    for (crypto::AttestedFault& fault : e.faults) {
        FS_ASSIGN(fault, read_fault(in));
    }
    return e;
}

Result<Event> decode_aggregation_failed(ByteReader& in) {
    AggregationFailed e;
    FS_ASSIGN(e.round, in.u64());
    FS_ASSIGN(e.attempt, in.u32());
    FS_ASSIGN(e.reason, in.text(kTextMax));
    return e;
}

Result<Event> decode_auditor_signed(ByteReader& in) {
    AuditorSigned e;
    FS_ASSIGN(e.round, in.u64());
    FS_ASSIGN(e.attempt, in.u32());
    FS_TRY(in.raw(e.auditor.bytes));
    FS_TRY(in.raw(e.commitment.bytes));
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax));
    e.faults.resize(count);
    for (crypto::Signature& signature : e.faults) {
        FS_TRY(in.raw(signature.bytes));
    }
    return e;
}

Result<Event> decode_auditor_refused(ByteReader& in) {
    AuditorRefused e;
    FS_ASSIGN(e.round, in.u64());
    FS_ASSIGN(e.attempt, in.u32());
    FS_TRY(in.raw(e.auditor.bytes));
    FS_ASSIGN(e.reason, in.text(kTextMax));
    return e;
}

Result<Event> decode_update_lost(ByteReader& in) {
    UpdateLost e;
    FS_ASSIGN(e.round, in.u64());
    FS_ASSIGN(e.attempt, in.u32());
    FS_TRY(in.raw(e.site.bytes));
    FS_ASSIGN(e.reason, in.text(kTextMax));
    return e;
}

Result<Event> decode_round_voided(ByteReader& in) {
    RoundVoided e;
    FS_ASSIGN(e.round, in.u64());
    FS_TRY(in.raw(e.commitment.bytes));
    FS_ASSIGN(const bool has_before, read_flag(in));
    if (has_before) {
        Standing before;
        FS_ASSIGN(const Bytes context, in.blob(kContextMax));
        FS_ASSIGN(before.context, rules::RoundContext::decode(context));
        FS_ASSIGN(before.settlement, read_settlement(in));
        FS_ASSIGN(before.commitment, read_commitment(in));
        FS_TRY(in.raw(before.state.bytes));
        e.before = std::move(before);
    }
    return e;
}

Result<Event> decode_fields(std::uint8_t kind, ByteReader& in) {
    switch (static_cast<Kind>(kind)) {
        case Kind::kStarted: return decode_started(in);
        case Kind::kStakesKnown: return decode_stakes_known(in);
        case Kind::kSiteSeen: return decode_site_seen(in);
        case Kind::kUpdateSigned: return decode_update_signed(in);
        case Kind::kUpdateStored: return decode_update_stored(in);
        case Kind::kDeadlinePassed: return DeadlinePassed{};
        case Kind::kAggregated: return decode_aggregated(in);
        case Kind::kAggregationFailed: return decode_aggregation_failed(in);
        case Kind::kAuditorSigned: return decode_auditor_signed(in);
        case Kind::kAuditorRefused: return decode_auditor_refused(in);
        case Kind::kRoundPosted: {
            FS_ASSIGN(const RoundNumber round, in.u64());
            return RoundPosted{round};
        }
        case Kind::kRoundFinal: {
            FS_ASSIGN(const RoundNumber round, in.u64());
            return RoundFinal{round};
        }
        case Kind::kUpdateLost: return decode_update_lost(in);
        case Kind::kRoundVoided: return decode_round_voided(in);
    }
    return fail(Errc::kCorrupt, fmt::format("unknown event kind {}", kind));
}

}  // namespace

Bytes encode_event(const Event& event) {
    return std::visit([](const auto& concrete) { return encode(concrete); }, event);
}

Result<Event> decode_event(ByteView bytes) {
    ByteReader in(bytes);
    FS_ASSIGN(const std::uint8_t format, in.u8());
    if (format != kEventFormat) {
        return fail(Errc::kConflict,
                    fmt::format("journal format {} is not {}: written by another release", format,
                                kEventFormat));
    }
    FS_ASSIGN(const std::uint8_t kind, in.u8());
    FS_ASSIGN(Event event, decode_fields(kind, in));
    FS_TRY(in.finish());
    return event;
}

std::string_view event_name(const Event& event) noexcept {
    constexpr std::string_view kNames[] = {
        "started",        "stakes-known",    "site-seen",    "update-signed",
        "update-stored",  "deadline-passed", "aggregated",   "aggregation-failed",
        "auditor-signed", "auditor-refused", "round-posted", "round-final",
        "update-lost",    "round-voided"};
    static_assert(std::size(kNames) == std::variant_size_v<Event>);
    return kNames[event.index()];
}

}  // namespace fedstake::round
