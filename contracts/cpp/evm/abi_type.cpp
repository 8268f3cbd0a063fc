// Names and sizes of ABI types.
#include <charconv>

#include "contracts/cpp/evm/abi_value.hpp"

namespace fedstake::evm {

namespace {

using Kind = AbiType::Kind;

Result<std::size_t> parse_size(std::string_view digits, std::string_view name) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        return fail(Errc::kInvalidInput, "'" + std::string(name) + "' is not an ABI type");
    }
    return value;
}

Result<AbiType> parse_integer(Kind kind, std::string_view digits, std::string_view name) {
    std::size_t bits = 256;
    if (!digits.empty()) {
        FS_ASSIGN(bits, parse_size(digits, name));
    }
    if (bits == 0 || bits > 256 || bits % 8 != 0) {
        return fail(Errc::kInvalidInput, "'" + std::string(name) + "' is not an ABI type");
    }
    return AbiType{kind, bits, {}};
}

Result<AbiType> parse_elementary(std::string_view name, const std::vector<AbiType>& components) {
    if (name == "tuple") return AbiType::tuple(components);
    if (name == "address") return AbiType{Kind::kAddress, 0, {}};
    if (name == "bool") return AbiType{Kind::kBool, 0, {}};
    if (name == "bytes") return AbiType{Kind::kBytes, 0, {}};
    if (name == "string") return AbiType{Kind::kString, 0, {}};
    if (name.starts_with("uint")) return parse_integer(Kind::kUint, name.substr(4), name);
    if (name.starts_with("int")) return parse_integer(Kind::kInt, name.substr(3), name);
    if (name.starts_with("bytes")) {
        FS_ASSIGN(const std::size_t size, parse_size(name.substr(5), name));
        if (size >= 1 && size <= 32) return AbiType{Kind::kFixedBytes, size, {}};
    }
    return fail(Errc::kInvalidInput, "'" + std::string(name) + "' is not an ABI type");
}

}  // namespace

AbiType AbiType::tuple(std::vector<AbiType> members) {
    return {Kind::kTuple, 0, std::move(members)};
}

Result<AbiType> AbiType::parse(std::string_view name, const std::vector<AbiType>& components) {
    if (!name.ends_with(']')) return parse_elementary(name, components);
    const std::size_t open = name.rfind('[');
    if (open == std::string_view::npos) {
        return fail(Errc::kInvalidInput, "'" + std::string(name) + "' is not an ABI type");
    }
    FS_ASSIGN(AbiType element, parse(name.substr(0, open), components));
    const std::string_view count = name.substr(open + 1, name.size() - open - 2);
    std::size_t size = 0;
    if (!count.empty()) {
        FS_ASSIGN(size, parse_size(count, name));
        if (size == 0) return fail(Errc::kInvalidInput, "an ABI array of length 0");
    }
    return AbiType{Kind::kArray, size, {std::move(element)}};
}

std::string AbiType::canonical() const {
    switch (kind) {
        case Kind::kUint: return "uint" + std::to_string(size);
        case Kind::kInt: return "int" + std::to_string(size);
        case Kind::kAddress: return "address";
        case Kind::kBool: return "bool";
        case Kind::kFixedBytes: return "bytes" + std::to_string(size);
        case Kind::kBytes: return "bytes";
        case Kind::kString: return "string";
        case Kind::kArray:
            return children[0].canonical() + "[" + (size == 0 ? "" : std::to_string(size)) + "]";
        case Kind::kTuple: break;
    }
    std::string text = "(";
    for (std::size_t i = 0; i < children.size(); ++i) {
        if (i > 0) text += ",";
        text += children[i].canonical();
    }
    return text + ")";
}

bool AbiType::dynamic() const noexcept {
    switch (kind) {
        case Kind::kBytes:
        case Kind::kString: return true;
        case Kind::kArray: return size == 0 || children[0].dynamic();
        case Kind::kTuple:
            for (const AbiType& child : children) {
                if (child.dynamic()) return true;
            }
            return false;
        default: return false;
    }
}

std::size_t AbiType::head_bytes() const noexcept {
    if (dynamic()) return 32;
    if (kind == Kind::kArray) return size * children[0].head_bytes();
    if (kind != Kind::kTuple) return 32;
    std::size_t total = 0;
    for (const AbiType& child : children) total += child.head_bytes();
    return total;
}

}  // namespace fedstake::evm
