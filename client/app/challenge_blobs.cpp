// Scans blobs in step and opens the leaf of the first wrong value.
#include "client/app/challenge_blobs.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "aggregation/pipeline.hpp"
#include "client/app/challenge_values.hpp"

namespace fedstake::client {

namespace {

using aggregation::RoundReport;
using aggregation::VectorSource;

constexpr std::uint64_t kValueBytes = 4;
// A blob of the wrong size is fetched up to this, to show its size.
constexpr std::uint64_t kSpareBytes = std::uint64_t{1} << 20U;

std::uint64_t bytes_most(const RoundPapers& papers) {
    return 2 * kValueBytes * papers.commitment.coordinates + kSpareBytes;
}

// A blob with its values, where it has the right size.
struct Values {
    const evm::OpenableBlob* blob = nullptr;
    std::unique_ptr<VectorSource> source;  // null: another size
};

Result<Values> values_of(PaperSource& papers_source, const Digest& root, const RoundPapers& papers,
                         const char* what) {
    auto blob = papers_source.blob(root, bytes_most(papers));
    if (!blob) return with_context(blob.error(), fmt::format("the {} {}", what, root.hex()));
    Values values{.blob = *blob, .source = nullptr};
    if (values.blob->content().total_bytes != kValueBytes * papers.commitment.coordinates) {
        return values;
    }
    FS_ASSIGN(values.source, aggregation::file_source(values.blob->path()));
    return values;
}

Finding wrong_size(const RoundPapers& papers, const evm::OpenableBlob& blob, evm::RoundBlob kind,
                   std::size_t index, const std::string& what) {
    const std::uint64_t bytes = blob.content().total_bytes;
    const std::uint64_t needed = kValueBytes * papers.commitment.coordinates;
    return {.figure = "size",
            .text = fmt::format("{} has {} bytes, and has to have {}", what, bytes, needed),
            .proof = evm::prove_wrong_size(
                papers.commitment, kind == evm::RoundBlob::kUpdate ? *papers.report : Bytes{}, kind,
                index, bytes, blob.top())};
}

std::string wrong_value(const char* what, const RoundPapers& papers, const WrongValue& value) {
    return fmt::format("{} of round {} attempt {}: coordinate {} (leaf {}) is {}, and has to be {}",
                       what, papers.commitment.round, papers.commitment.attempt, value.coordinate,
                       value.coordinate / evm::kLeafValues, value.committed, value.expected);
}

}  // namespace

Result<std::vector<Finding>> find_in_model(const ChallengeTerms& terms, const RoundPapers& papers,
                                           PaperSource& source, const std::atomic<bool>& stop) {
    const crypto::RoundCommitment& c = papers.commitment;
    FS_ASSIGN(const Values model, values_of(source, c.model, papers, "model"));
    if (!model.source) {
        return std::vector{wrong_size(papers, *model.blob, evm::RoundBlob::kModel, 0, "the model")};
    }
    FS_ASSIGN(const Values base, values_of(source, c.parent_model, papers, "base model"));
    FS_ASSIGN(const Values aggregate, values_of(source, c.aggregate_root, papers, "aggregate"));
    // Another size of the aggregate is find_in_aggregate()'s, of the base the round before's.
    if (!base.source || !aggregate.source) return std::vector<Finding>{};
    const std::uint8_t scale = terms.rules->aggregation.scale_bits;
    FS_ASSIGN(const auto wrong,
              first_wrong_in_model(scale, *base.source, *aggregate.source, *model.source, stop));
    if (!wrong) return std::vector<Finding>{};
    FS_ASSIGN(const auto base_leaf, base.blob->leaf_of(wrong->coordinate));
    FS_ASSIGN(const auto aggregate_leaf, aggregate.blob->leaf_of(wrong->coordinate));
    FS_ASSIGN(const auto model_leaf, model.blob->leaf_of(wrong->coordinate));
    evm::RoundDocuments documents = documents_of(terms, papers);
    documents.report.clear();
    return std::vector{
        Finding{.figure = "model",
                .text = wrong_value("the model", papers, *wrong),
                .proof = evm::prove_bad_model(c, documents, wrong->coordinate, base_leaf,
                                              aggregate_leaf, model_leaf)}};
}

Result<std::vector<Finding>> find_in_aggregate(const ChallengeTerms& terms,
                                               const RoundPapers& papers, PaperSource& source,
                                               const std::atomic<bool>& stop) {
    const crypto::RoundCommitment& c = papers.commitment;
    FS_ASSIGN(const RoundReport report, RoundReport::decode(*papers.report));
    FS_ASSIGN(const Values aggregate, values_of(source, c.aggregate_root, papers, "aggregate"));
    if (!aggregate.source) {
        return std::vector{
            wrong_size(papers, *aggregate.blob, evm::RoundBlob::kAggregate, 0, "the aggregate")};
    }
    const ColumnRule rule = column_rule(terms.rules->aggregation, report);
    if (rule == ColumnRule::kUnknown) return std::vector<Finding>{};
    std::vector<Values> updates;
    std::vector<const VectorSource*> sources;
    for (const aggregation::SiteReport& site : report.sites) {
        if (site.weight == 0) continue;
        FS_ASSIGN(Values values, values_of(source, site.update_root, papers, "update"));
        if (!values.source) return std::vector<Finding>{};  // find_in_updates() says so
        updates.push_back(std::move(values));
        sources.push_back(updates.back().source.get());
    }
    FS_ASSIGN(const auto wrong,
              first_wrong_in_aggregate(rule, report, sources, *aggregate.source, stop));
    if (!wrong) return std::vector<Finding>{};
    FS_ASSIGN(const auto opened, aggregate.blob->leaf_of(wrong->coordinate));
    std::vector<evm::BlobOpening> leaves;
    for (const Values& update : updates) {
        FS_ASSIGN(auto leaf, update.blob->leaf_of(wrong->coordinate));
        leaves.push_back(std::move(leaf));
    }
    evm::RoundDocuments documents = documents_of(terms, papers);
    if (rule == ColumnRule::kWeighted) documents.context.clear();
    if (rule == ColumnRule::kWeighted) documents.rules.clear();
    return std::vector{Finding{
        .figure = "aggregate",
        .text = wrong_value("the aggregate", papers, *wrong),
        .proof = evm::prove_bad_aggregate(c, documents, wrong->coordinate, opened, leaves)}};
}

Result<std::vector<Finding>> find_in_updates(const ChallengeTerms& terms, const RoundPapers& papers,
                                             PaperSource& source, const std::atomic<bool>& stop) {
    FS_ASSIGN(const RoundReport report, RoundReport::decode(*papers.report));
    for (std::size_t i = 0; i < report.sites.size(); ++i) {
        const aggregation::SiteReport& site = report.sites[i];
        if (site.standing != rules::Standing::kAccepted) continue;
        const std::string whose = "the accepted update of site " + site.site.hex();
        FS_ASSIGN(const Values update, values_of(source, site.update_root, papers, "update"));
        if (!update.source) {
            return std::vector{wrong_size(papers, *update.blob, evm::RoundBlob::kUpdate, i, whose)};
        }
        const std::int32_t most = terms.rules->aggregation.coordinate_max;
        FS_ASSIGN(const auto wrong, first_out_of_range(most, *update.source, stop));
        if (!wrong) continue;
        FS_ASSIGN(const auto leaf, update.blob->leaf_of(wrong->coordinate));
        return std::vector{
            Finding{.figure = "gate",
                    .text = wrong_value(whose.c_str(), papers, *wrong),
                    .proof = evm::prove_gate_missed(papers.commitment, documents_of(terms, papers),
                                                    i, wrong->coordinate, leaf)}};
    }
    return std::vector<Finding>{};
}

}  // namespace fedstake::client
