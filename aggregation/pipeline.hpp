// The one aggregation path: gate -> anomaly verdicts -> pre-aggregation -> rule -> scores ->
// digests.
//
// evaluate_round() is called by the coordinator, by an auditor's verify and by the simulator. Its
// result is a pure function of (rules, context, base model, set of updates): the same bytes for any
// arrival order, thread count, SIMD width, compiler and CPU. Bad updates are data: they give a
// verdict. An Error means that the round cannot be computed (rule cannot support what is left,
// storage failed).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aggregation/update_rows.hpp"
#include "proto/crypto/statements.hpp"
#include "proto/rules/round_context.hpp"
#include "proto/rules/round_rules.hpp"
#include "proto/rules/settlement.hpp"
#include "proto/rules/signed_update.hpp"

namespace fedstake::aggregation {

// Why a site's update does not count fully. Stable names: reason_name().
enum class Reason : std::uint8_t {
    kNone = 0,
    kWrongSize,       // gate
    kNotANumber,      // gate: INT32_MIN, which stands for a non-finite coordinate
    kOutOfRange,      // gate
    kAllZero,         // gate
    kCopy,            // gate: same bytes as a site with a lower id
    kWrongBaseModel,  // gate
    kAnomalous,       // anomaly verdict, see figures
    kNotSelected,     // the rule gave it no weight (Krum family); not a fault
};
[[nodiscard]] std::string_view reason_name(Reason reason) noexcept;

// Anomaly figures of one update. NaN-free; zero when there is nothing to compare with.
struct Figures {
    double norm = 0.0;            // L2 norm in model units
    double norm_deviation = 0.0;  // robust z-score
    double cosine = 0.0;          // to the robust centre (coordinate median of gated updates)
    double distance = 0.0;        // to the robust centre, in model units
    double distance_deviation = 0.0;
    std::uint32_t signals = 0;  // bit 0 norm, 1 cosine, 2 distance
    friend bool operator==(const Figures&, const Figures&) = default;
};

struct SiteReport {
    SiteId site;
    Digest update_root;
    rules::Standing standing = rules::Standing::kAbsent;
    Reason reason = Reason::kNone;
    Figures figures;
    // In the aggregate, over the report's weight_denominator; rules by columns give 1 to every row
    // that a value may come from.
    std::uint64_t weight = 0;
    std::uint64_t score = 0;
    friend bool operator==(const SiteReport&, const SiteReport&) = default;
};

struct RoundReport {
    std::string rule;
    std::uint32_t f = 0;  // that the rule was asked with, in front of its pre-aggregations
    std::uint32_t weight_denominator = 1;
    std::vector<SiteReport> sites;  // submitted updates, SiteId ascending
    Digest aggregate_root;          // content root of the int32 aggregate
    Digest model;                   // content root of the new float32 model

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static Result<RoundReport> decode(ByteView bytes);
    [[nodiscard]] Digest digest() const;  // SHA-256 of encode()
    friend bool operator==(const RoundReport&, const RoundReport&) = default;
};

struct SubmittedUpdate {
    rules::SignedUpdate signed_update;
    const VectorSource* values = nullptr;  // borrowed
};

struct RoundInput {
    const rules::RoundRules* rules = nullptr;
    const rules::RoundContext* context = nullptr;
    crypto::Eip712Domain domain;
    const VectorSource* base_model = nullptr;  // float32, rules->coordinates values
    std::span<const SubmittedUpdate> updates;  // any order
};

struct RoundOptions {
    unsigned threads = 1;
    std::size_t memory_bytes_max = std::size_t{64} << 20U;
    ByteSink aggregate_sink{};  // optional: int32 little-endian aggregate
    ByteSink model_sink{};      // optional: float32 little-endian new model
};

struct RoundOutcome {
    RoundReport report;
    rules::Settlement settlement;
    crypto::RoundCommitment commitment;
    std::vector<crypto::AttestedFault> faults;  // deadline left 0: the coordinator fills it in
};

[[nodiscard]] Result<RoundOutcome> evaluate_round(const RoundInput& input,
                                                  const RoundOptions& options);

// The gate alone, for refusing an update as soon as its last byte is in: kNone or the reason.
[[nodiscard]] Result<Reason> gate_update(const rules::RoundRules& rules,
                                         const VectorSource& values);

struct FederationSize {
    std::size_t updates_least = 0;  // the quorum
    std::size_t updates_most = 0;   // sites that train
    std::size_t cohort = 0;         // enrolled sites, among which a trusted one is named
};
// Whether rounds of this size can run by the rules, as check_aggregation() below.
[[nodiscard]] Status check_aggregation(const rules::AggregationRules& rules,
                                       const FederationSize& size);

// Whether the rules can run with n sites: registry name known, parameters known and in range, and
// the rule's requirement on (n, f). RETURNS kInvalidInput with the requirement spelled out.
[[nodiscard]] Status check_aggregation(const rules::AggregationRules& rules, std::size_t sites);

}  // namespace fedstake::aggregation
