// Memory beyond the input stays within the bound, also for rules that keep a vector of each row.
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "aggregation/aggregate.hpp"

namespace {

std::atomic<std::size_t> in_use{0};
std::atomic<std::size_t> peak{0};

void* count_in(void* place) {
    if (place == nullptr) {
        std::abort();
    }
    const std::size_t now = in_use += malloc_usable_size(place);
    for (std::size_t seen = peak; now > seen && !peak.compare_exchange_weak(seen, now);) {
    }
    return place;
}

void count_out(void* place) noexcept {
    if (place != nullptr) {
        in_use -= malloc_usable_size(place);
    }
    std::free(place);
}

}  // namespace

void* operator new(std::size_t size) {
    return count_in(std::malloc(size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto step = static_cast<std::size_t>(alignment);
    return count_in(std::aligned_alloc(step, (size + step - 1) / step * step));
}
void operator delete(void* place) noexcept {
    count_out(place);
}
void operator delete(void* place, std::size_t) noexcept {
    count_out(place);
}
void operator delete(void* place, std::align_val_t) noexcept {
    count_out(place);
}
void operator delete(void* place, std::size_t, std::align_val_t) noexcept {
    count_out(place);
}

namespace fedstake::aggregation {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

// Values as they are read, like those of a file: nothing is in memory.
class Made final : public VectorSource {
public:
    Made(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(seed) {}
    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }
    [[nodiscard]] Status read_int32(std::uint64_t first,
                                    std::span<std::int32_t> out) const override {
        for (std::size_t k = 0; k < out.size(); ++k) {
            const std::uint64_t mixed = (first + k + 1) * (seed_ * 2 + 1) * 0x9e3779b97f4a7c15ULL;
            out[k] = static_cast<std::int32_t>(mixed >> 40U) - (1 << 23);
        }
        return {};
    }
    [[nodiscard]] Status read_float32(std::uint64_t, std::span<float>) const override {
        return fail(Errc::kInternal, "not a model");
    }

private:
    std::uint64_t size_;
    std::uint64_t seed_;
};

// Bytes above what was in use before.
std::size_t peak_of(const char* rule, std::size_t rows, std::size_t memory_bytes) {
    std::vector<std::unique_ptr<Made>> sources;
    std::vector<const VectorSource*> borrowed;
    for (std::size_t i = 0; i < rows; ++i) {
        sources.push_back(std::make_unique<Made>(300'000, i));
        borrowed.push_back(sources.back().get());
    }
    MatrixInput input;
    input.rows = borrowed;
    input.rules.rule = {.name = rule, .parameters = {}};
    input.rules.f = static_cast<std::uint32_t>(rows / 5);
    const std::size_t before = in_use;
    peak = before;
    const auto result =
        aggregate_matrix(input, {.threads = 2, .memory_bytes_max = memory_bytes, .roots = true});
    EXPECT_TRUE(result) << result.error().message;
    return peak - before;
}

TEST(MemoryBound, HoldsForEveryKindOfRule) {
    for (const char* rule : {"mean", "trimmed-mean", "krum", "geometric-median", "foolsgold"}) {
        EXPECT_LE(peak_of(rule, 50, 4 * kMiB), 4 * kMiB + kMiB / 2) << rule;
        EXPECT_LE(peak_of(rule, 50, 64 * kMiB), 65 * kMiB) << rule;
    }
}

}  // namespace
}  // namespace fedstake::aggregation
