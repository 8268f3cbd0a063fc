// Reads the fields of a struct from a protobuf message. Private to wire; see archive.hpp.
#pragma once

#include <google/protobuf/message.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/wire/archive.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::wire {

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
