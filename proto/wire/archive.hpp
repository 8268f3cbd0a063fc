// What Packer and Unpacker share: the checks and the sticky error. Private to wire.
//
// *_fields.hpp describe each message once, as calls on an archive: Packer writes the struct into
// protobuf, Unpacker reads it back. Field names are those of the .proto files and appear in error
// messages. The first failure sticks; later calls do nothing.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "proto/base/check.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/text.hpp"

namespace fedstake::wire {

// What both directions share: the message, the sticky error, and the checks.
class ArchiveBase {
public:
    [[nodiscard]] const Status& status() const noexcept { return status_; }

    // Fails with kInvalidInput unless the condition holds.
    void require(bool condition, std::string_view field, std::string_view what) {
        if (!condition) {
            set_error(Errc::kInvalidInput, field, what);
        }
    }

protected:
    void set_error(Errc code, std::string_view field, std::string_view what) {
        if (status_) {
            status_ = fail(code, path_ + "." + std::string(field) + ": " + std::string(what));
        }
    }
    void check_most(std::uint64_t value, std::uint64_t most, std::string_view field,
                    std::string_view unit) {
        if (value > most) {
            set_error(Errc::kLimitExceeded, field,
                      std::to_string(value) + " " + std::string(unit) + ", at most " +
                          std::to_string(most));
        }
    }
    void check_text(std::string_view text, std::size_t most, std::string_view field,
                    bool newlines) {
        check_most(text.size(), most, field, "bytes");
        const std::string_view fault = text_fault(text, newlines);
        require(fault.empty(), field, fault);
    }
    [[nodiscard]] static const google::protobuf::FieldDescriptor* find(
        const google::protobuf::Message& message, std::string_view name) {
        const auto* field = message.GetDescriptor()->FindFieldByName(std::string(name));
        FS_CHECK(field != nullptr);
        return field;
    }

    Status status_;
    std::string path_;
};

// T& for an archive that reads into the struct, const T& for one that writes from it.
template <class Archive, class T>
using Ref = std::conditional_t<Archive::kReads, T&, const T&>;

}  // namespace fedstake::wire
