// Prints what this build makes of the chains of golden/rules.txt, for every instruction set that
// the machine has, and of random chains. tools/check-compilers compares the lines of builds.
//   golden_digests [random chains, default 0]
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

#include "aggregation/kernels/targets.hpp"
#include "proto/base/bytes.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/aggregation/golden/golden_chains.hpp"
#include "tests/aggregation/reference/draws.hpp"

namespace fedstake::aggregation {
namespace {

void print_golden() {
    for (const kernels::Target& target : kernels::targets()) {
        const kernels::ForcedTarget forced(target);
        std::istringstream lines(reference::golden_digests(1, std::size_t{4} << 20U));
        for (std::string line; std::getline(lines, line);) {
            std::printf("%s %s\n", target.name.c_str(), line.c_str());
        }
    }
}

// The digest of the aggregate, the memory rows and the figures.
std::string digest_of(const slow::ChainQuestion& question) {
    const reference::Sources rows(question.rows);
    const reference::Sources memory(question.memory);
    const auto result = aggregate_matrix({.rows = rows.pointers,
                                          .unit = question.unit,
                                          .rules = question.rules,
                                          .seed = question.seed,
                                          .claims = question.claims,
                                          .memory = {.figures = question.figures},
                                          .memory_rows = memory.pointers},
                                         {.roots = true});
    if (!result) {
        return result.error().message;
    }
    ByteWriter writer;
    writer.raw(result->aggregate_root.view());
    for (const Digest& root : result->memory_roots) {
        writer.raw(root.view());
    }
    for (const double figure : result->memory.figures) {
        writer.f64_bits(figure);
    }
    return crypto::sha256(writer.take()).hex();
}

void print_random(std::uint64_t count) {
    Rng rng(20260301);
    for (std::uint64_t k = 0; k < count; ++k) {
        const slow::Draw draw = slow::draw_chain(rng);
        std::printf("random %llu %s: %s\n", static_cast<unsigned long long>(k), draw.name.c_str(),
                    digest_of(draw.question).c_str());
    }
}

}  // namespace
}  // namespace fedstake::aggregation

int main(int argc, char** argv) {
    fedstake::aggregation::print_golden();
    fedstake::aggregation::print_random(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 0);
    return 0;
}
