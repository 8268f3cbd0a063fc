// Canonical bytes of an update's details.
#include "proto/rules/update_details.hpp"

#include <string_view>

#include "proto/base/result.hpp"

namespace fedstake::rules {
namespace {

constexpr std::string_view kFormat = "fedstake/details/v1";

Result<UpdateDetails> read(ByteView bytes) {
    ByteReader in(bytes);
    FS_ASSIGN(const std::string format, in.text(kFormat.size()));
    if (format != kFormat) {
        return fail(Errc::kCorrupt, "details of another format");
    }
    UpdateDetails details;
    FS_TRY(in.raw(details.salt.bytes));
    FS_ASSIGN(details.rows, in.u64());
    FS_ASSIGN(details.loss, in.f64_bits());
    FS_TRY(in.finish());
    return details;
}

}  // namespace

Bytes UpdateDetails::encode() const {
    return ByteWriter().text(kFormat).raw(salt.view()).u64(rows).f64_bits(loss).take();
}

std::optional<UpdateDetails> UpdateDetails::decode(ByteView bytes) {
    const Result<UpdateDetails> details = read(bytes);
    return details ? std::optional(*details) : std::nullopt;
}

}  // namespace fedstake::rules
