// Copies fields between our structs and protobuf messages, checking every bound. Private to wire.
//
// message_fields.hpp describes each message once, as calls on an archive: Packer writes the struct
// into protobuf, Unpacker reads it back. Field names are those of the .proto files and appear in
// error messages. The first failure sticks; later calls do nothing.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "proto/base/check.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/messages.hpp"
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

class Packer : public ArchiveBase {
public:
    static constexpr bool kReads = false;

    explicit Packer(google::protobuf::Message& out) : out_(out), reflection_(*out.GetReflection()) {
        path_ = std::string(out.GetDescriptor()->name());
    }

    void flag(std::string_view name, bool value) {
        reflection_.SetBool(&out_, find(out_, name), value);
    }
    template <std::unsigned_integral T>
    void number(std::string_view name, T value, T most = std::numeric_limits<T>::max()) {
        check_most(value, most, name, "");
        if constexpr (sizeof(T) <= 4) {
            reflection_.SetUInt32(&out_, find(out_, name), value);
        } else {
            reflection_.SetUInt64(&out_, find(out_, name), value);
        }
    }
    template <class Enum>
    void code(std::string_view name, Enum value, std::uint32_t last) {
        const auto raw = static_cast<std::uint32_t>(value);
        require(raw >= 1 && raw <= last, name, "unknown value");
        reflection_.SetUInt32(&out_, find(out_, name), raw);
    }
    void signed_number(std::string_view name, std::int64_t value) {
        require(value >= 0, name, "negative");
        reflection_.SetInt64(&out_, find(out_, name), value);
    }
    void real(std::string_view name, double value) {
        require(std::isfinite(value) && value >= 0.0, name, "not a finite number >= 0");
        reflection_.SetDouble(&out_, find(out_, name), value);
    }
    void amount(std::string_view name, Amount value) {
        put(name, ByteWriter{}.u128(value).bytes());
    }
    void text(std::string_view name, const std::string& value, std::size_t most) {
        check_text(value, most, name, false);
        reflection_.SetString(&out_, find(out_, name), value);
    }
    void document(std::string_view name, const std::string& value, std::size_t most) {
        check_text(value, most, name, true);
        reflection_.SetString(&out_, find(out_, name), value);
    }
    void bytes(std::string_view name, const Bytes& value, std::size_t most) {
        check_most(value.size(), most, name, "bytes");
        if (status_) {
            put(name, value);
        }
    }
    template <std::size_t N, class Tag>
    void fixed(std::string_view name, const FixedBytes<N, Tag>& value) {
        put(name, value.view());
    }
    template <std::size_t N, class Tag>
    void fixed_list(std::string_view name, const std::vector<FixedBytes<N, Tag>>& values,
                    std::size_t most) {
        check_most(values.size(), most, name, "items");
        std::string joined;
        joined.reserve(values.size() * N);
        for (const auto& value : values) {
            joined.append(to_text(value.view()));
        }
        reflection_.SetString(&out_, find(out_, name), std::move(joined));
    }
    void signature_list(std::string_view name, const std::vector<AuditorSignature>& values) {
        check_most(values.size(), limits::kAuditorsMax, name, "items");
        ByteWriter joined;
        for (std::size_t i = 0; i < values.size(); ++i) {
            require(values[i].auditor < limits::kAuditorsMax, name, "auditor out of range");
            require(i == 0 || values[i - 1].auditor < values[i].auditor, name,
                    "auditors not ascending");
            joined.u8(values[i].auditor).raw(values[i].signature.view());
        }
        put(name, joined.bytes());
    }
    void blob_list(std::string_view name, const std::vector<Bytes>& values, std::size_t most,
                   std::size_t each_most) {
        check_most(values.size(), most, name, "items");
        const auto* field = find(out_, name);
        for (const Bytes& value : values) {
            check_most(value.size(), each_most, name, "bytes in one item");
            reflection_.AddString(&out_, field, to_text(value));
        }
    }
    template <class T>
    void nested(std::string_view name, const T& value) {
        pack_inner(*reflection_.MutableMessage(&out_, find(out_, name)), name, value);
    }
    template <class T>
    void nested_list(std::string_view name, const std::vector<T>& values, std::size_t most) {
        check_most(values.size(), most, name, "items");
        for (const T& value : values) {
            pack_inner(*reflection_.AddMessage(&out_, find(out_, name)), name, value);
        }
    }

private:
    void put(std::string_view name, ByteView value) {
        reflection_.SetString(&out_, find(out_, name), to_text(value));
    }
    template <class T>
    void pack_inner(google::protobuf::Message& out, std::string_view name, const T& value) {
        Packer inner(out);
        inner.path_ = path_ + "." + std::string(name);
        describe(inner, value);
        if (status_) {
            status_ = inner.status();
        }
    }

    google::protobuf::Message& out_;
    const google::protobuf::Reflection& reflection_;
};

class Unpacker : public ArchiveBase {
public:
    static constexpr bool kReads = true;

    explicit Unpacker(const google::protobuf::Message& in)
        : in_(in), reflection_(*in.GetReflection()) {
        path_ = std::string(in.GetDescriptor()->name());
    }

    void flag(std::string_view name, bool& value) {
        value = reflection_.GetBool(in_, find(in_, name));
    }
    template <std::unsigned_integral T>
    void number(std::string_view name, T& value, T most = std::numeric_limits<T>::max()) {
        std::uint64_t raw = 0;
        if constexpr (sizeof(T) <= 4) {
            raw = reflection_.GetUInt32(in_, find(in_, name));
        } else {
            raw = reflection_.GetUInt64(in_, find(in_, name));
        }
        check_most(raw, most, name, "");
        value = static_cast<T>(raw);
    }
    template <class Enum>
    void code(std::string_view name, Enum& value, std::uint32_t last) {
        const std::uint32_t raw = reflection_.GetUInt32(in_, find(in_, name));
        require(raw >= 1 && raw <= last, name, "unknown value");
        if (status_) {
            value = static_cast<Enum>(raw);
        }
    }
    void signed_number(std::string_view name, std::int64_t& value) {
        value = reflection_.GetInt64(in_, find(in_, name));
        require(value >= 0, name, "negative");
    }
    void real(std::string_view name, double& value) {
        value = reflection_.GetDouble(in_, find(in_, name));
        require(std::isfinite(value) && value >= 0.0, name, "not a finite number >= 0");
    }
    void amount(std::string_view name, Amount& value) {
        const ByteView raw = get(name);
        require(raw.size() == 16, name, "not 16 bytes");
        if (status_) {
            value = ByteReader(raw).u128().value_or(0);
        }
    }
    void text(std::string_view name, std::string& value, std::size_t most) {
        value = to_text(get(name));
        check_text(value, most, name, false);
    }
    void document(std::string_view name, std::string& value, std::size_t most) {
        value = to_text(get(name));
        check_text(value, most, name, true);
    }
    void bytes(std::string_view name, Bytes& value, std::size_t most) {
        const ByteView raw = get(name);
        check_most(raw.size(), most, name, "bytes");
        if (status_) {
            value.assign(raw.begin(), raw.end());
        }
    }
    template <std::size_t N, class Tag>
    void fixed(std::string_view name, FixedBytes<N, Tag>& value) {
        const ByteView raw = get(name);
        require(raw.size() == N, name, "not " + std::to_string(N) + " bytes");
        if (status_) {
            std::memcpy(value.bytes.data(), raw.data(), N);
        }
    }
    template <std::size_t N, class Tag>
    void fixed_list(std::string_view name, std::vector<FixedBytes<N, Tag>>& values,
                    std::size_t most) {
        const ByteView raw = get(name);
        require(raw.size() % N == 0, name, "not a multiple of " + std::to_string(N) + " bytes");
        check_most(raw.size() / N, most, name, "items");
        if (!status_) {
            return;
        }
        values.resize(raw.size() / N);
        for (std::size_t i = 0; i < values.size(); ++i) {
            std::memcpy(values[i].bytes.data(), raw.data() + i * N, N);
        }
    }
    void signature_list(std::string_view name, std::vector<AuditorSignature>& values) {
        constexpr std::size_t kItem = 1 + crypto::Signature::kSize;
        const ByteView raw = get(name);
        require(raw.size() % kItem == 0, name, "not a multiple of 66 bytes");
        check_most(raw.size() / kItem, limits::kAuditorsMax, name, "items");
        for (std::size_t at = 0; status_ && at < raw.size(); at += kItem) {
            AuditorSignature item;
            item.auditor = raw[at];
            std::memcpy(item.signature.bytes.data(), raw.data() + at + 1, crypto::Signature::kSize);
            require(item.auditor < limits::kAuditorsMax, name, "auditor out of range");
            require(values.empty() || values.back().auditor < item.auditor, name,
                    "auditors not ascending");
            values.push_back(item);
        }
    }
    void blob_list(std::string_view name, std::vector<Bytes>& values, std::size_t most,
                   std::size_t each_most) {
        const auto* field = find(in_, name);
        const int count = reflection_.FieldSize(in_, field);
        check_most(static_cast<std::uint64_t>(count), most, name, "items");
        std::string scratch;
        for (int i = 0; status_ && i < count; ++i) {
            const ByteView raw =
                as_bytes(reflection_.GetRepeatedStringReference(in_, field, i, &scratch));
            check_most(raw.size(), each_most, name, "bytes in one item");
            if (status_) {
                values.emplace_back(raw.begin(), raw.end());
            }
        }
    }
    template <class T>
    void nested(std::string_view name, T& value) {
        const auto* field = find(in_, name);
        require(reflection_.HasField(in_, field), name, "missing");
        if (status_) {
            unpack_inner(reflection_.GetMessage(in_, field), name, value);
        }
    }
    template <class T>
    void nested_list(std::string_view name, std::vector<T>& values, std::size_t most) {
        const auto* field = find(in_, name);
        const int count = reflection_.FieldSize(in_, field);
        check_most(static_cast<std::uint64_t>(count), most, name, "items");
        for (int i = 0; status_ && i < count; ++i) {
            unpack_inner(reflection_.GetRepeatedMessage(in_, field, i), name,
                         values.emplace_back());
        }
    }

private:
    // The bytes of a string or bytes field, valid until the next call.
    ByteView get(std::string_view name) {
        return as_bytes(reflection_.GetStringReference(in_, find(in_, name), &scratch_));
    }
    template <class T>
    void unpack_inner(const google::protobuf::Message& in, std::string_view name, T& value) {
        Unpacker inner(in);
        inner.path_ = path_ + "." + std::string(name);
        describe(inner, value);
        if (status_) {
            status_ = inner.status();
        }
    }

    const google::protobuf::Message& in_;
    const google::protobuf::Reflection& reflection_;
    std::string scratch_;
};

}  // namespace fedstake::wire
