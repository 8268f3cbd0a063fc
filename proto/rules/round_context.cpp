// Canonical encoding of a round's context, strict decoding, and the salts that come from it.
#include "proto/rules/round_context.hpp"

#include <algorithm>

#include "proto/base/limits.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::rules {

namespace {

void write(ByteWriter& out, const CohortMember& member) {
    out.raw(member.site.bytes)
        .raw(member.signer.bytes)
        .u128(member.stake)
        .u128(member.cumulative_reward)
        .u32(member.strikes)
        .u32(member.offences)
        .u8(member.barred ? 1 : 0);
}

Result<CohortMember> read_member(ByteReader& in) {
    CohortMember member;
    FS_TRY(in.raw(member.site.bytes));
    FS_TRY(in.raw(member.signer.bytes));
    FS_ASSIGN(member.stake, in.u128());
    FS_ASSIGN(member.cumulative_reward, in.u128());
    FS_ASSIGN(member.strikes, in.u32());
    FS_ASSIGN(member.offences, in.u32());
    FS_ASSIGN(const std::uint8_t barred, in.u8());
    if (barred > 1) {
        return fail(Errc::kCorrupt,
                    "barred flag of site " + member.site.hex() + " is neither 0 nor 1");
    }
    member.barred = barred == 1;
    return member;
}

Result<RoundContext> read_context(ByteReader& in) {
    RoundContext context;
    FS_TRY(in.raw(context.federation.bytes));
    FS_ASSIGN(context.round, in.u64());
    FS_ASSIGN(context.attempt, in.u32());
    FS_TRY(in.raw(context.rules_digest.bytes));
    FS_TRY(in.raw(context.base_model.bytes));
    FS_TRY(in.raw(context.previous_aggregate.bytes));
    FS_TRY(in.raw(context.previous_rewards_root.bytes));
    FS_TRY(in.raw(context.previous_state.bytes));
    FS_TRY(in.raw(context.salt.bytes));
    FS_ASSIGN(const std::uint32_t count, in.u32());
    if (count > limits::kSitesMax) {
        return fail(Errc::kCorrupt, "cohort of " + std::to_string(count) + " sites, at most " +
                                        std::to_string(limits::kSitesMax) + " allowed");
    }
    for (std::uint32_t i = 0; i < count; ++i) {
        FS_ASSIGN(CohortMember member, read_member(in));
        if (!context.cohort.empty() && !(context.cohort.back().site < member.site)) {
            return fail(Errc::kCorrupt,
                        "cohort is not in ascending order at site " + member.site.hex());
        }
        context.cohort.push_back(member);
    }
    FS_TRY(in.finish());
    return context;
}

}  // namespace

Bytes RoundContext::encode() const {
    ByteWriter out;
    out.raw(federation.bytes)
        .u64(round)
        .u32(attempt)
        .raw(rules_digest.bytes)
        .raw(base_model.bytes)
        .raw(previous_aggregate.bytes)
        .raw(previous_rewards_root.bytes)
        .raw(previous_state.bytes)
        .raw(salt.bytes)
        .u32(static_cast<std::uint32_t>(cohort.size()));
    for (const CohortMember& member : cohort) write(out, member);
    return out.take();
}

Digest RoundContext::digest() const {
    return crypto::sha256(encode());
}

Result<RoundContext> RoundContext::decode(ByteView bytes) {
    ByteReader in(bytes);
    Result<RoundContext> context = read_context(in);
    if (!context) return with_context(std::move(context).error(), "round context");
    return context;
}

const CohortMember* RoundContext::find(const SiteId& site) const noexcept {
    const auto place = std::lower_bound(
        cohort.begin(), cohort.end(), site,
        [](const CohortMember& member, const SiteId& key) { return member.site < key; });
    return place != cohort.end() && place->site == site ? &*place : nullptr;
}

Digest leaf_salt(const RoundContext& context, const SiteId& site) {
    return crypto::sha256({context.salt.bytes, site.bytes});
}

}  // namespace fedstake::rules
