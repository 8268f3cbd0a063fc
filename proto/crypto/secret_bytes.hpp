// Secret bytes in memory: wiping, and an array that wipes itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace fedstake::crypto {

// Overwrites memory in a way that the compiler does not remove.
void wipe(std::span<std::uint8_t> secret) noexcept;

// N secret bytes, wiped at the end of the scope. Not copyable.
template <std::size_t N>
class SecretBytes {
public:
    SecretBytes() = default;
    ~SecretBytes() { wipe(bytes_); }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;

    [[nodiscard]] std::span<std::uint8_t, N> span() noexcept { return bytes_; }
    [[nodiscard]] std::span<const std::uint8_t, N> span() const noexcept { return bytes_; }

private:
    std::array<std::uint8_t, N> bytes_{};
};

}  // namespace fedstake::crypto
