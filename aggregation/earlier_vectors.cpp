// Opening and checking.
#include "aggregation/earlier_vectors.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "aggregation/gate.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

Status check(const VectorSource& source, const Digest& root, std::uint64_t coordinates) {
    if (source.size() != coordinates) {
        return fail(Errc::kCorrupt,
                    fmt::format("it has {} values, the rules say {}", source.size(), coordinates));
    }
    FS_ASSIGN(const Digest found, content_root(source));
    if (found != root) {
        return fail(Errc::kCorrupt, "the stored values have content root " + found.hex());
    }
    return {};
}

}  // namespace

Result<EarlierVectors> EarlierVectors::open(const RoundInput& input, WorkerPool& pool) {
    EarlierVectors result;
    if (input.state == nullptr) {
        return result;
    }
    const std::vector<Digest> roots = vectors_needed(*input.state, input.rules->anomaly.look_back);
    if (!roots.empty() && input.earlier == nullptr) {
        return fail(
            Errc::kInvalidInput,
            fmt::format("round {} needs {} vectors of earlier rounds, but no store is given",
                        input.context->round, roots.size()));
    }
    const auto name = [](const Digest& root) {
        return "vector " + root.hex() + " of an earlier round";
    };
    std::vector<const VectorSource*> sources;
    for (const Digest& root : roots) {
        auto opened = input.earlier->open(root);
        if (!opened) {
            return with_context(std::move(opened).error(), name(root));
        }
        sources.push_back(opened->get());
        result.sources_.emplace(root, *std::move(opened));
    }
    FS_TRY(pool.for_each(roots.size(), [&](std::size_t, std::size_t i) -> Status {
        Status checked = check(*sources[i], roots[i], input.rules->coordinates);
        return checked ? checked : with_context(std::move(checked).error(), name(roots[i]));
    }));
    return result;
}

const VectorSource* EarlierVectors::at(const Digest& root) const {
    const auto found = sources_.find(root);
    FS_CHECK(found != sources_.end());
    return found->second.get();
}

}  // namespace fedstake::aggregation
