// One message of every kind with every field set to something else than its default.
#pragma once

#include <vector>

#include "proto/wire/messages.hpp"

namespace fedstake::wire::testing {

template <class T>
T filled(std::uint8_t start) {
    T value;
    for (auto& byte : value.bytes) {
        byte = start++;
    }
    return value;
}

[[nodiscard]] std::vector<Message> sample_messages();

}  // namespace fedstake::wire::testing
