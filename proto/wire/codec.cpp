// Frames: choosing the message, size and schema checks, and the protobuf calls.
#include "proto/wire/codec.hpp"

#include <google/protobuf/io/coded_stream.h>

#include <array>
#include <exception>
#include <utility>

#include "proto/fedstake/v1/frame.pb.h"
#include "proto/wire/audit_fields.hpp"
#include "proto/wire/frame_scan.hpp"
#include "proto/wire/packer.hpp"
#include "proto/wire/session_fields.hpp"
#include "proto/wire/statement_fields.hpp"
#include "proto/wire/transfer_fields.hpp"
#include "proto/wire/unpacker.hpp"

namespace fedstake::wire {

namespace {

using google::protobuf::FieldDescriptor;
using Frame = fedstake::v1::Frame;

constexpr std::size_t kMessages = std::variant_size_v<Message>;

template <std::size_t I>
Message make_alternative() {
    return Message(std::in_place_index<I>);
}

template <std::size_t... I>
Message make_message(std::size_t index, std::index_sequence<I...>) {
    using Maker = Message (*)();
    constexpr std::array<Maker, sizeof...(I)> kMakers = {&make_alternative<I>...};
    return kMakers[index]();
}

Message empty_message(std::size_t index) {
    return make_message(index, std::make_index_sequence<kMessages>{});
}

// The frame field that holds each alternative of Message, found by its name once.
const std::array<const FieldDescriptor*, kMessages>& frame_fields() {
    static const auto kFields = [] {
        std::array<const FieldDescriptor*, kMessages> fields{};
        const auto* frame = Frame::descriptor();
        for (std::size_t i = 0; i < kMessages; ++i) {
            const std::string_view name = message_name(empty_message(i));
            for (int f = 0; f < frame->field_count(); ++f) {
                if (std::string(frame->field(f)->message_type()->name()) == name) {
                    fields[i] = frame->field(f);
                }
            }
            FS_CHECK(fields[i] != nullptr);
        }
        return fields;
    }();
    return kFields;
}

Status check_frame_size(std::size_t bytes, std::string_view name) {
    if (bytes > limits::kFrameBytesMax) {
        return fail(Errc::kLimitExceeded, std::string(name) + ": a frame of " +
                                              std::to_string(bytes) + " bytes, at most " +
                                              std::to_string(limits::kFrameBytesMax));
    }
    return {};
}

Result<Bytes> encode_frame(const Message& message) {
    Frame frame;
    const FieldDescriptor* field = frame_fields()[message.index()];
    Packer packer(*frame.GetReflection()->MutableMessage(&frame, field));
    std::visit([&packer](const auto& body) { describe(packer, body); }, message);
    FS_TRY(packer.status());
    const std::size_t size = frame.ByteSizeLong();
    FS_TRY(check_frame_size(size, message_name(message)));
    Bytes bytes(size);
    if (!frame.SerializeToArray(bytes.data(), static_cast<int>(size))) {
        return fail(Errc::kInternal, std::string(message_name(message)) + ": not serialised");
    }
    return bytes;
}

Result<Message> decode_frame(ByteView bytes) {
    FS_TRY(check_frame_size(bytes.size(), "Frame"));
    FS_TRY(scan_frame(*Frame::descriptor(), bytes));
    Frame frame;
    google::protobuf::io::CodedInputStream input(bytes.data(), static_cast<int>(bytes.size()));
    input.SetRecursionLimit(kNestingMax + 1);
    if (!frame.ParseFromCodedStream(&input) || !input.ConsumedEntireMessage()) {
        return fail(Errc::kInvalidInput, "Frame: not a message");
    }
    const auto& reflection = *frame.GetReflection();
    const auto& fields = frame_fields();
    for (std::size_t i = 0; i < kMessages; ++i) {
        if (!reflection.HasField(frame, fields[i])) {
            continue;
        }
        Message message = empty_message(i);
        Unpacker unpacker(reflection.GetMessage(frame, fields[i]));
        std::visit([&unpacker](auto& body) { describe(unpacker, body); }, message);
        FS_TRY(unpacker.status());
        return message;
    }
    return fail(Errc::kInvalidInput, "Frame: holds no message");
}

}  // namespace

// Protobuf may throw on exhausted memory only; both adapters stop that here.
Result<Bytes> encode(const Message& message) {
    try {
        return encode_frame(message);
    } catch (const std::exception& error) {
        return fail(Errc::kInternal, std::string("encoding a message: ") + error.what());
    }
}

Result<Message> decode(ByteView frame) {
    try {
        return decode_frame(frame);
    } catch (const std::exception& error) {
        return fail(Errc::kInternal, std::string("decoding a frame: ") + error.what());
    }
}

}  // namespace fedstake::wire
