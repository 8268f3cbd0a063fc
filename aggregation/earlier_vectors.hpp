// The vectors of earlier rounds that a round reads, opened and compared with their content roots.
#pragma once

#include <map>
#include <memory>

#include "aggregation/pipeline.hpp"
#include "aggregation/worker_pool.hpp"

namespace fedstake::aggregation {

class EarlierVectors {
public:
    // All of vectors_needed(), each read once. RETURNS kCorrupt for a vector that is not what its
    // root says or not of `coordinates` values, kInvalidInput where there is no store, and the
    // errors of the store, naming the vector.
    [[nodiscard]] static Result<EarlierVectors> open(const RoundInput& input, WorkerPool& pool);

    // REQUIRES one of vectors_needed().
    [[nodiscard]] const VectorSource* at(const Digest& root) const;

private:
    std::map<Digest, std::unique_ptr<VectorSource>> sources_;
};

}  // namespace fedstake::aggregation
