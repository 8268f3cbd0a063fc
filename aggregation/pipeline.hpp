// The one aggregation path: gate -> anomaly verdicts -> pre-aggregation -> rule -> scores ->
// digests.
//
// evaluate_round() is called by the coordinator, by an auditor's verify and by the simulator. Its
// result is a pure function of (rules, context, base model, state of the round before, set of
// updates): the same bytes for any arrival order, thread count, SIMD width, compiler and CPU. Bad
// updates are data: they give a verdict. An Error means that the round cannot be computed (rule
// cannot support what is left, storage failed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "aggregation/detect/judge.hpp"
#include "aggregation/detect/signal.hpp"
#include "aggregation/round_state.hpp"
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
    kEarlierCopy,     // gate: same bytes as an update of an earlier round, on another base model
    kUnconfirmed,     // anomaly verdict without confirmation, see figures: left out, no strike
    kSharesWeight,    // accepted, but a coalition counts as one site
};
[[nodiscard]] std::string_view reason_name(Reason reason) noexcept;

// What was measured of one update that passed the gate. Finite.
struct Figures {
    double norm = 0.0;      // L2 norm, in model units
    double distance = 0.0;  // to the coordinate median of the gated updates, in model units
    // One for each signal; nothing where there is no evidence yet.
    detect::SiteFigures signals{};
    friend bool operator==(const Figures&, const Figures&) = default;
};

struct SiteReport {
    SiteId site;
    Digest update_root;
    rules::Standing standing = rules::Standing::kAbsent;
    Reason reason = Reason::kNone;
    Figures figures;
    detect::Verdict verdict;  // that the signals led to
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
    detect::Limits limits{};        // of the signals, in this round
    std::vector<SiteReport> sites;  // submitted updates, SiteId ascending
    Digest aggregate_root;          // content root of the int32 aggregate
    Digest model;                   // content root of the new float32 model
    Digest state;                   // content root of what the round leaves for the next

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
    // What the round before left: of the context's previous_state; null where that is zero.
    const RoundState* state = nullptr;
    // Where the vectors lie that the state names (vectors_needed()); may be null where none are.
    const VectorStore* earlier = nullptr;
};

struct RoundOptions {
    unsigned threads = 1;
    std::size_t memory_bytes_max = std::size_t{64} << 20U;
    ByteSink aggregate_sink{};  // optional: int32 little-endian aggregate
    ByteSink model_sink{};      // optional: float32 little-endian new model
    // optional: for each vector that the rule keeps, in the order of rows, int32 little-endian.
    std::function<Result<ByteSink>(std::size_t)> vector_sink{};
};

struct RoundOutcome {
    RoundReport report;
    rules::Settlement settlement;
    crypto::RoundCommitment commitment;
    std::vector<crypto::AttestedFault> faults;  // deadline left 0: the coordinator fills it in
    RoundState state;                           // for the next round
};

[[nodiscard]] Result<RoundOutcome> evaluate_round(const RoundInput& input,
                                                  const RoundOptions& options);

// The gate alone, copies left aside, for refusing an update as soon as its last byte is in: kNone
// or the reason.
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
