// SHA-256 (FIPS 180-4) over OpenSSL. Uses the CPU's SHA instructions where it has them.
#pragma once

#include <memory>
#include <span>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::crypto {

// Digest of the concatenation of the parts.
[[nodiscard]] Digest sha256(ByteView bytes) noexcept;
[[nodiscard]] Digest sha256(std::initializer_list<ByteView> parts) noexcept;

// Incremental form for files. Call update any number of times, then finish once.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(ByteView bytes) noexcept;
    [[nodiscard]] Digest finish() noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace fedstake::crypto
