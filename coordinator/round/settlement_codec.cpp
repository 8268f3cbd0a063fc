// Bytes of a settlement, a commitment and accusations.
#include "coordinator/round/settlement_codec.hpp"

#include <fmt/format.h>

#include "proto/base/limits.hpp"

namespace fedstake::round {

void write(ByteWriter& out, const rules::Settlement& settlement) {
    out.u32(static_cast<std::uint32_t>(settlement.sites.size()));
    for (const rules::SiteSettlement& site : settlement.sites) {
        out.raw(site.site.view()).u64(site.score).u128(site.reward).u128(site.cumulative_reward);
        out.u32(site.strikes).u32(site.offences).u8(site.accused ? 1 : 0).u16(site.accused_bps);
    }
    out.u128(settlement.reward_total).u64(settlement.score_sum);
    out.raw(settlement.scores_root.view()).raw(settlement.rewards_root.view());
}

Result<rules::Settlement> read_settlement(ByteReader& in) {
    rules::Settlement settlement;
    FS_ASSIGN(const std::size_t count, read_count(in, limits::kSitesMax));
    settlement.sites.resize(count);
    for (rules::SiteSettlement& site : settlement.sites) {
        FS_TRY(in.raw(site.site.bytes));
        FS_ASSIGN(site.score, in.u64());
        FS_ASSIGN(site.reward, in.u128());
        FS_ASSIGN(site.cumulative_reward, in.u128());
        FS_ASSIGN(site.strikes, in.u32());
        FS_ASSIGN(site.offences, in.u32());
        FS_ASSIGN(site.accused, read_flag(in));
        FS_ASSIGN(site.accused_bps, in.u16());
    }
    FS_ASSIGN(settlement.reward_total, in.u128());
    FS_ASSIGN(settlement.score_sum, in.u64());
    FS_TRY(in.raw(settlement.scores_root.bytes));
    FS_TRY(in.raw(settlement.rewards_root.bytes));
    return settlement;
}

void write(ByteWriter& out, const crypto::RoundCommitment& c) {
    out.raw(c.federation.view()).u64(c.round).u32(c.attempt).u32(c.sites).u64(c.coordinates);
    out.u128(c.reward_total).u64(c.score_sum);
    for (const Digest* word :
         {&c.context_digest, &c.parent_model, &c.model, &c.updates_root, &c.aggregate_root,
          &c.report_digest, &c.scores_root, &c.rewards_root}) {
        out.raw(word->view());
    }
}

Result<crypto::RoundCommitment> read_commitment(ByteReader& in) {
    crypto::RoundCommitment c;
    FS_TRY(in.raw(c.federation.bytes));
    FS_ASSIGN(c.round, in.u64());
    FS_ASSIGN(c.attempt, in.u32());
    FS_ASSIGN(c.sites, in.u32());
    FS_ASSIGN(c.coordinates, in.u64());
    FS_ASSIGN(c.reward_total, in.u128());
    FS_ASSIGN(c.score_sum, in.u64());
    for (Digest* word : {&c.context_digest, &c.parent_model, &c.model, &c.updates_root,
                         &c.aggregate_root, &c.report_digest, &c.scores_root, &c.rewards_root}) {
        FS_TRY(in.raw(word->bytes));
    }
    return c;
}

void write(ByteWriter& out, const crypto::AttestedFault& fault) {
    out.raw(fault.federation.view()).u64(fault.round).raw(fault.site.view());
    out.u16(static_cast<std::uint16_t>(fault.kind)).u16(fault.bps);
    out.raw(fault.evidence_root.view()).u64(fault.deadline);
}

Result<crypto::AttestedFault> read_fault(ByteReader& in) {
    crypto::AttestedFault fault;
    FS_TRY(in.raw(fault.federation.bytes));
    FS_ASSIGN(fault.round, in.u64());
    FS_TRY(in.raw(fault.site.bytes));
    FS_ASSIGN(const std::uint16_t kind, in.u16());
    if (kind < 1 || kind > 3) {
        return fail(Errc::kCorrupt, fmt::format("unknown fault kind {}", kind));
    }
    fault.kind = static_cast<crypto::FaultKind>(kind);
    FS_ASSIGN(fault.bps, in.u16());
    FS_TRY(in.raw(fault.evidence_root.bytes));
    FS_ASSIGN(fault.deadline, in.u64());
    return fault;
}

Result<std::size_t> read_count(ByteReader& in, std::size_t max) {
    FS_ASSIGN(const std::uint32_t count, in.u32());
    if (count > max) {
        return fail(Errc::kCorrupt, fmt::format("{} items, at most {} are possible", count, max));
    }
    return std::size_t{count};
}

Result<bool> read_flag(ByteReader& in) {
    FS_ASSIGN(const std::uint8_t flag, in.u8());
    if (flag > 1) {
        return fail(Errc::kCorrupt, fmt::format("flag is {}", flag));
    }
    return flag == 1;
}

}  // namespace fedstake::round
