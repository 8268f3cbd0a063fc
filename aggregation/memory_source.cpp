// VectorSource over values in memory, and over zeros.
#include <algorithm>

#include "aggregation/update_rows.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

// One source serves one type of value: asking for the other is a programming error.
template <class Value>
class MemorySource final : public VectorSource {
public:
    explicit MemorySource(std::span<const Value> values) noexcept : values_(values) {}

    [[nodiscard]] std::uint64_t size() const noexcept override { return values_.size(); }

    [[nodiscard]] Status read_int32(std::uint64_t first,
                                    std::span<std::int32_t> out) const override {
        return copy(first, out);
    }
    [[nodiscard]] const std::int32_t* int32_values() const noexcept override {
        if constexpr (std::is_same_v<Value, std::int32_t>) {
            return values_.data();
        } else {
            return nullptr;
        }
    }
    [[nodiscard]] Status read_float32(std::uint64_t first, std::span<float> out) const override {
        return copy(first, out);
    }

private:
    template <class Out>
    [[nodiscard]] Status copy(std::uint64_t first, std::span<Out> out) const {
        FS_CHECK(first <= values_.size() && out.size() <= values_.size() - first);
        if constexpr (std::is_same_v<Out, Value>) {
            std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(first), out.size(),
                        out.begin());
            return {};
        } else {
            return fail(Errc::kInternal, "this vector holds values of the other type");
        }
    }

    std::span<const Value> values_;
};

class ZeroSource final : public VectorSource {
public:
    explicit ZeroSource(std::uint64_t size) noexcept : size_(size) {}

    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

    [[nodiscard]] Status read_int32(std::uint64_t /*first*/,
                                    std::span<std::int32_t> out) const override {
        std::fill(out.begin(), out.end(), 0);
        return {};
    }
    [[nodiscard]] Status read_float32(std::uint64_t /*first*/,
                                      std::span<float> out) const override {
        std::fill(out.begin(), out.end(), 0.0F);
        return {};
    }

private:
    std::uint64_t size_;
};

}  // namespace

std::unique_ptr<VectorSource> memory_source(std::span<const std::int32_t> values) {
    return std::make_unique<MemorySource<std::int32_t>>(values);
}

std::unique_ptr<VectorSource> zero_source(std::uint64_t size) {
    return std::make_unique<ZeroSource>(size);
}

std::unique_ptr<VectorSource> memory_source(std::span<const float> values) {
    return std::make_unique<MemorySource<float>>(values);
}

}  // namespace fedstake::aggregation
