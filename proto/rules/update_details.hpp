// What a site says about its update beside it: bound by the signature through the details digest,
// checked by nobody. Seen by the coordinator and by auditors.
#pragma once

#include <cstdint>
#include <optional>

#include "proto/base/bytes.hpp"
#include "proto/base/ids.hpp"

namespace fedstake::rules {

struct UpdateDetails {
    Digest salt;             // random: keeps the digest from saying anything about the rest
    std::uint64_t rows = 0;  // that the site trained on; what weighted-mean goes by
    double loss = 0.0;       // of the training

    // text "fedstake/details/v1" · salt · rows u64 · loss f64
    [[nodiscard]] Bytes encode() const;
    // Nothing for bytes of another form: a site may sign any details.
    [[nodiscard]] static std::optional<UpdateDetails> decode(ByteView bytes);
    friend bool operator==(const UpdateDetails&, const UpdateDetails&) = default;
};

}  // namespace fedstake::rules
