// An array that starts on a cache line, for the scratch memory of vector kernels.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace fedstake::aggregation::kernels {

inline constexpr std::size_t kLineBytes = 64;

// Value: a number. All zero at first.
template <class Value>
class AlignedArray {
public:
    explicit AlignedArray(std::size_t size = 0)
        : values_(size == 0 ? nullptr : allocate(size)), size_(size) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] Value* data() noexcept { return values_.get(); }
    [[nodiscard]] const Value* data() const noexcept { return values_.get(); }
    [[nodiscard]] Value& operator[](std::size_t index) noexcept { return values_.get()[index]; }
    [[nodiscard]] const Value& operator[](std::size_t index) const noexcept {
        return values_.get()[index];
    }

private:
    struct Free {
        void operator()(Value* values) const noexcept {
            ::operator delete (values, std::align_val_t{kLineBytes});
        }
    };
    static Value* allocate(std::size_t size) {
        void* const bytes = ::operator new (size * sizeof(Value), std::align_val_t{kLineBytes});
        auto* const values = static_cast<Value*>(bytes);
        std::uninitialized_fill_n(values, size, Value{});
        return values;
    }

    std::unique_ptr<Value, Free> values_;
    std::size_t size_;
};

}  // namespace fedstake::aggregation::kernels
