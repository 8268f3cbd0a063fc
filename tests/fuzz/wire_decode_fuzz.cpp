// libFuzzer: whatever decode() accepts must encode again and decode to the same message.
#include <cstddef>
#include <cstdint>

#include "proto/base/check.hpp"
#include "proto/wire/codec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace fedstake;  // NOLINT: the body of a fuzz target
    const auto message = wire::decode(ByteView(data, size));
    if (!message) {
        FS_CHECK(message.error().code != Errc::kInternal);
        return 0;
    }
    const auto bytes = wire::encode(*message);
    FS_CHECK(bytes.has_value());
    const auto again = wire::decode(*bytes);
    FS_CHECK(again.has_value());
    FS_CHECK(*again == *message);
    return 0;
}
