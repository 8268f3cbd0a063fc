// Bytes of a finished round's record: u8 format, then the fields in the order of RecordResult.
#include "coordinator/round/record_codec.hpp"

#include <fmt/format.h>

#include "coordinator/round/settlement_codec.hpp"
#include "proto/base/limits.hpp"

namespace fedstake::round {

namespace {

constexpr std::uint8_t kRecordFormat = 1;
constexpr std::size_t kContextMax = 256 * 1024;
constexpr std::size_t kSignedUpdateMax = limits::kDetailsBytesMax + 4096;

void write(ByteWriter& out, const std::vector<chain::AuditorSignature>& signatures) {
    out.u32(static_cast<std::uint32_t>(signatures.size()));
    for (const chain::AuditorSignature& item : signatures) {
        out.u8(item.index).raw(item.signature.view());
    }
}

Result<std::vector<chain::AuditorSignature>> read_signatures(ByteReader& in) {
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kAuditorsMax));
    std::vector<chain::AuditorSignature> signatures(count);
    for (chain::AuditorSignature& item : signatures) {
        FS_ASSIGN(item.index, in.u8());
        FS_TRY(in.raw(item.signature.bytes));
    }
    return signatures;
}

Status read_updates(ByteReader& in, RecordResult& record) {
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax));
    for (std::size_t i = 0; i < count; ++i) {
        FS_ASSIGN(const Bytes bytes, in.blob(kSignedUpdateMax));
        FS_ASSIGN(auto update, rules::SignedUpdate::decode(bytes));
        record.updates.push_back(std::move(update));
    }
    return {};
}

Status read_absent(ByteReader& in, RecordResult& record) {
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax));
    record.absent.resize(count);
    for (SiteOutcome& outcome : record.absent) {
        FS_TRY(in.raw(outcome.site.bytes));
        FS_ASSIGN(const std::uint8_t refusal, in.u8());
        if (!is_refusal(refusal)) {
            return fail(Errc::kCorrupt, fmt::format("unknown refusal {}", refusal));
        }
        outcome.refusal = static_cast<Refusal>(refusal);
    }
    return {};
}

Status read_faults(ByteReader& in, RecordResult& record) {
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax));
    for (std::size_t i = 0; i < count; ++i) {
        FS_ASSIGN(auto fault, read_fault(in));
        record.faults.push_back(fault);
        FS_ASSIGN(auto signatures, read_signatures(in));
        record.fault_signatures.push_back(std::move(signatures));
    }
    return {};
}

}  // namespace

Bytes encode_record(const RecordResult& record) {
    ByteWriter out;
    out.u8(kRecordFormat).blob(record.context.encode());
    out.u32(static_cast<std::uint32_t>(record.updates.size()));
    for (const rules::SignedUpdate& update : record.updates) {
        out.blob(update.encode());
    }
    out.u32(static_cast<std::uint32_t>(record.absent.size()));
    for (const SiteOutcome& outcome : record.absent) {
        out.raw(outcome.site.view()).u8(static_cast<std::uint8_t>(outcome.refusal));
    }
    out.blob(record.report.encode());
    write(out, record.settlement);
    write(out, record.commitment);
    write(out, record.signatures);
    out.u32(static_cast<std::uint32_t>(record.faults.size()));
    for (std::size_t i = 0; i < record.faults.size(); ++i) {
        write(out, record.faults[i]);
        write(out, record.fault_signatures[i]);
    }
    return out.take();
}

Result<RecordResult> decode_record(ByteView bytes) {
    ByteReader in(bytes);
    RecordResult record;
    FS_ASSIGN(const std::uint8_t format, in.u8());
    if (format != kRecordFormat) {
        return fail(Errc::kConflict,
                    fmt::format("round record format {} is not {}", format, kRecordFormat));
    }
    FS_ASSIGN(const Bytes context, in.blob(kContextMax));
    FS_ASSIGN(record.context, rules::RoundContext::decode(context));
    FS_TRY(read_updates(in, record));
    FS_TRY(read_absent(in, record));
    FS_ASSIGN(const Bytes report, in.blob(limits::kReportBytesMax));
    FS_ASSIGN(record.report, aggregation::RoundReport::decode(report));
    FS_ASSIGN(record.settlement, read_settlement(in));
    FS_ASSIGN(record.commitment, read_commitment(in));
    FS_ASSIGN(record.signatures, read_signatures(in));
    FS_TRY(read_faults(in, record));
    FS_TRY(in.finish());
    return record;
}

}  // namespace fedstake::round
