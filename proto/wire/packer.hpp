// Writes the fields of a struct into a protobuf message. Private to wire; see archive.hpp.
#pragma once

#include <google/protobuf/message.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/wire/archive.hpp"
#include "proto/wire/messages.hpp"

namespace fedstake::wire {

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

}  // namespace fedstake::wire
