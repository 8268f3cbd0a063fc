// The schema-driven walk over a frame's tags and lengths.
// Source: protobuf.dev/programming-guides/encoding.
#include "proto/wire/frame_scan.hpp"

#include <google/protobuf/descriptor.h>

#include <set>
#include <string>

#include "proto/wire/text.hpp"

namespace fedstake::wire {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::uint32_t kVarint = 0;
constexpr std::uint32_t kFixed64 = 1;
constexpr std::uint32_t kDelimited = 2;
constexpr std::uint64_t kFieldNumberMax = (std::uint64_t{1} << 29U) - 1;

std::uint32_t expected_wire_type(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING:
        case FieldDescriptor::CPPTYPE_MESSAGE: return kDelimited;
        case FieldDescriptor::CPPTYPE_DOUBLE: return kFixed64;
        default: return kVarint;  // the schema has no fixed32, fixed64 or packed numbers
    }
}

class Scanner {
public:
    Status message(const Descriptor& type, ByteView bytes, int depth) {
        const std::string name(type.name());
        if (depth > kNestingMax) {
            return fail(Errc::kLimitExceeded, name + ": messages nested too deeply");
        }
        std::set<int> seen;
        while (!bytes.empty()) {
            if (++fields_ > kFieldsMax) {
                return fail(Errc::kLimitExceeded,
                            name + ": more than " + std::to_string(kFieldsMax) + " fields");
            }
            FS_ASSIGN(const std::uint64_t tag, varint(bytes, name));
            const std::uint64_t number = tag >> 3U;
            const FieldDescriptor* field = number <= kFieldNumberMax
                                               ? type.FindFieldByNumber(static_cast<int>(number))
                                               : nullptr;
            if (field == nullptr) {
                return fail(Errc::kInvalidInput,
                            name + ": unknown field number " + std::to_string(number));
            }
            // The members of the frame's oneof share one place: a frame holds one message.
            const int place = field->containing_oneof() != nullptr ? 0 : field->number();
            if (!field->is_repeated() && !seen.insert(place).second) {
                return fail(Errc::kInvalidInput, label(*field) + ": given twice");
            }
            if ((tag & 7U) != expected_wire_type(*field)) {
                return fail(Errc::kInvalidInput, label(*field) + ": wrong wire type");
            }
            FS_TRY(value(*field, bytes, depth));
        }
        return {};
    }

private:
    static std::string label(const FieldDescriptor& field) {
        return std::string(field.containing_type()->name()) + "." + std::string(field.name());
    }

    Status value(const FieldDescriptor& field, ByteView& bytes, int depth) {
        switch (expected_wire_type(field)) {
            case kVarint: {
                FS_TRY(varint(bytes, label(field)));
                return {};
            }
            case kFixed64: {
                if (bytes.size() < 8) {
                    return fail(Errc::kInvalidInput, label(field) + ": cut off");
                }
                bytes = bytes.subspan(8);
                return {};
            }
            default: break;
        }
        FS_ASSIGN(const std::uint64_t length, varint(bytes, label(field)));
        if (length > bytes.size()) {
            return fail(Errc::kInvalidInput, label(field) + ": length past the end of the frame");
        }
        const ByteView inner = bytes.first(static_cast<std::size_t>(length));
        bytes = bytes.subspan(inner.size());
        if (field.type() == FieldDescriptor::TYPE_STRING &&
            !is_utf8({reinterpret_cast<const char*>(inner.data()), inner.size()})) {
            return fail(Errc::kInvalidInput, label(field) + ": not UTF-8");
        }
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
            return message(*field.message_type(), inner, depth + 1);
        }
        return {};
    }

    static Result<std::uint64_t> varint(ByteView& bytes, const std::string& where) {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
            const std::uint8_t byte = bytes.front();
            bytes = bytes.subspan(1);
            if (shift == 63 && byte > 1) {
                break;
            }
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if ((byte & 0x80U) == 0) {
                return value;
            }
        }
        return fail(Errc::kInvalidInput, where + ": bad number");
    }

    std::size_t fields_ = 0;
};

}  // namespace

Status scan_frame(const Descriptor& type, ByteView bytes) {
    return Scanner{}.message(type, bytes, 0);
}

}  // namespace fedstake::wire
