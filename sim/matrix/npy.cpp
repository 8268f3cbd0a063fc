// A strict reader of the header, and the header that we write.
#include "sim/matrix/npy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace fedstake::sim {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kPrefixBytes = 8;  // magic, major and minor version
constexpr std::uint64_t kHeaderBytesMax = std::uint64_t{1} << 20U;
constexpr std::size_t kAlignment = 64;  // of the numbers in what is written

tl::unexpected<Error> bad(const std::string& what) {
    return fail(Errc::kInvalidInput, "not a readable .npy file: " + what);
}

struct Header {
    std::string descr;
    bool fortran_order = false;
    std::vector<std::uint64_t> shape;
};

// The subset of Python literals that NumPy writes.
class DictReader {
public:
    explicit DictReader(std::string_view text) noexcept : rest_(text) {}

    [[nodiscard]] Result<Header> read() {
        Header header;
        std::vector<std::string> seen;
        FS_TRY(expect('{'));
        while (!take('}')) {
            FS_ASSIGN(const std::string key, text());
            if (std::find(seen.begin(), seen.end(), key) != seen.end()) {
                return bad(fmt::format("its header has '{}' twice", key));
            }
            seen.push_back(key);
            FS_TRY(expect(':'));
            FS_TRY(value(key, header));
            if (!take(',')) {
                FS_TRY(expect('}'));
                break;
            }
        }
        skip_spaces();
        if (!rest_.empty()) {
            return bad("its header goes on behind the dictionary");
        }
        if (seen.size() != 3) {
            return bad("its header must have descr, fortran_order and shape");
        }
        return header;
    }

private:
    void skip_spaces() noexcept {
        const std::size_t end = rest_.find_first_not_of(" \t\n\r");
        rest_.remove_prefix(std::min(end, rest_.size()));
    }
    bool take(char wanted) noexcept {
        skip_spaces();
        if (rest_.empty() || rest_.front() != wanted) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    bool take_word(std::string_view word) noexcept {
        skip_spaces();
        if (!rest_.starts_with(word)) {
            return false;
        }
        rest_.remove_prefix(word.size());
        return true;
    }
    [[nodiscard]] Status expect(char wanted) {
        if (!take(wanted)) {
            return bad(fmt::format("'{}' is missing in its header", wanted));
        }
        return {};
    }
    [[nodiscard]] Result<std::string> text() {
        skip_spaces();
        const char quote = rest_.empty() ? '\0' : rest_.front();
        const std::size_t end =
            quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string_view::npos;
        if (end == std::string_view::npos) {
            return bad("a quoted word is missing in its header");
        }
        std::string word(rest_.substr(1, end - 1));
        rest_.remove_prefix(end + 1);
        return word;
    }
    [[nodiscard]] Status value(const std::string& key, Header& header) {
        if (key == "descr") {
            if (take('[')) {
                return bad("its elements are records with named fields; give one array of numbers");
            }
            FS_ASSIGN(header.descr, text());
            return {};
        }
        if (key == "fortran_order") {
            header.fortran_order = take_word("True");
            return header.fortran_order || take_word("False")
                       ? Status{}
                       : bad("fortran_order must be True or False");
        }
        if (key == "shape") {
            return shape(header.shape);
        }
        return bad("its header has the unknown entry '" + printable(key) + "'");
    }
    [[nodiscard]] Status shape(std::vector<std::uint64_t>& sizes) {
        FS_TRY(expect('('));
        while (!take(')')) {
            skip_spaces();
            std::uint64_t size = 0;
            const auto [end, error] =
                std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
            if (error != std::errc{}) {
                return bad("its shape is not a list of sizes");
            }
            rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
            sizes.push_back(size);
            if (!take(',')) {
                FS_TRY(expect(')'));
                break;
            }
        }
        return {};
    }

public:
    // Letters of the file that may stand in a message.
    static std::string printable(std::string_view word) {
        std::string shown;
        for (const char c : word.substr(0, 24)) {
            shown += c >= ' ' && c <= '~' ? c : '?';
        }
        return shown;
    }

private:
    std::string_view rest_;
};

struct KnownType {
    std::string_view descr;
    ElementType type;
};
constexpr std::array kReadable{
    KnownType{"<f4", ElementType::kFloat32}, KnownType{"<f8", ElementType::kFloat64},
    KnownType{"<i4", ElementType::kInt32}, KnownType{"<i8", ElementType::kInt64}};

// "f2" is float16.
std::string type_name(std::string_view descr) {
    struct Kind {
        char letter;
        std::string_view name;
    };
    static constexpr std::array kKinds{Kind{'f', "float"}, Kind{'i', "int"}, Kind{'u', "uint"},
                                       Kind{'c', "complex"}};
    if (descr.size() < 2) {
        return "unknown";
    }
    const std::string_view digits = descr.substr(2);
    unsigned bytes = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bytes);
    const bool whole = error == std::errc{} && end == digits.data() + digits.size() && bytes <= 64;
    for (const Kind& kind : kKinds) {
        if (descr[1] == kind.letter && whole) {
            return fmt::format("{}{}{}", descr[0] == '>' ? "big-endian " : "", kind.name,
                               bytes * 8);
        }
    }
    switch (descr[1]) {
        case 'b': return "bool";
        case 'O': return "Python objects";
        case 'S':
        case 'U': return "text";
        case 'M':
        case 'm': return "dates";
        default: return "unknown";
    }
}

Result<ElementType> element_type(std::string_view descr) {
    for (const KnownType& known : kReadable) {
        if (known.descr == descr) {
            return known.type;
        }
    }
    return bad(
        fmt::format("its elements are '{}' ({}); float32, float64, int32 and int64, all "
                    "little-endian, are read",
                    DictReader::printable(descr), type_name(descr)));
}

// The header's text and where the numbers begin.
struct Located {
    std::string text;
    std::uint64_t data = 0;
};

Result<Located> locate_header(const ByteStore& bytes) {
    if (bytes.size() < kPrefixBytes) {
        return bad("it is cut off in its first bytes");
    }
    std::array<std::uint8_t, kPrefixBytes + 4> start{};
    FS_TRY(bytes.read(0, std::span(start).first(kPrefixBytes)));
    const unsigned major = start[6];
    const unsigned minor = start[7];
    if (major < 1 || major > 3 || minor != 0) {
        return bad(fmt::format("its version is {}.{}; 1.0, 2.0 and 3.0 are known", major, minor));
    }
    const std::size_t width = major == 1 ? 2 : 4;
    if (bytes.size() < kPrefixBytes + width) {
        return bad("it is cut off in its first bytes");
    }
    const auto length_bytes = std::span(start).subspan(kPrefixBytes, width);
    FS_TRY(bytes.read(kPrefixBytes, length_bytes));
    std::uint64_t length = 0;
    for (std::size_t k = width; k-- > 0;) {
        length = length << 8U | length_bytes[k];
    }
    if (length > kHeaderBytesMax) {
        return bad(
            fmt::format("its header has {} bytes, at most {} are read", length, kHeaderBytesMax));
    }
    Located located{.text = {}, .data = kPrefixBytes + width + length};
    if (located.data > bytes.size()) {
        return bad("it is cut off in its header");
    }
    Bytes header(static_cast<std::size_t>(length));
    FS_TRY(bytes.read(kPrefixBytes + width, header));
    located.text = to_text(header);
    return located;
}

Status check_length(std::uint64_t present, std::uint64_t wanted) {
    if (present < wanted) {
        return bad(
            fmt::format("it is cut off: its header promises {} bytes of numbers, {} are "
                        "there",
                        wanted, present));
    }
    if (present > wanted) {
        return bad(fmt::format("{} bytes follow its last number", present - wanted));
    }
    return {};
}

}  // namespace

bool looks_like_npy(ByteView start) noexcept {
    const ByteView magic = as_bytes(kMagic);
    return start.size() >= magic.size() && std::equal(magic.begin(), magic.end(), start.begin());
}

Result<NumberRows> read_npy(std::shared_ptr<const ByteStore> bytes) {
    FS_ASSIGN(const Located located, locate_header(*bytes));
    FS_ASSIGN(const Header header, DictReader(located.text).read());
    FS_ASSIGN(const ElementType type, element_type(header.descr));
    if (header.shape.size() != 2) {
        return bad(fmt::format("it has {} dimension{}; rows and columns are needed",
                               header.shape.size(), header.shape.size() == 1 ? "" : "s"));
    }
    if (header.fortran_order) {
        return bad(
            "it is stored in Fortran order, column by column; save "
            "numpy.ascontiguousarray(x) instead");
    }
    const std::uint64_t rows = header.shape[0];
    const std::uint64_t columns = header.shape[1];
    FS_TRY(check_matrix_size(rows, columns));
    const std::uint64_t row_bytes = columns * element_bytes(type);
    FS_TRY(check_length(bytes->size() - located.data, rows * row_bytes));
    std::vector<StoredRow> stored;
    for (std::uint64_t i = 0; i < rows; ++i) {
        stored.push_back({.offset = located.data + i * row_bytes, .type = type});
    }
    return NumberRows(std::move(bytes), std::move(stored), columns);
}

Bytes npy_vector_header(ElementType type, std::uint64_t columns) {
    const auto known = std::find_if(kReadable.begin(), kReadable.end(),
                                    [type](const KnownType& each) { return each.type == type; });
    std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}",
                                   known->descr, columns);
    const std::size_t before = kPrefixBytes + 2;
    text.append((kAlignment - (before + text.size() + 1) % kAlignment) % kAlignment, ' ');
    text += '\n';
    Bytes bytes;
    for (const char c : kMagic) {
        bytes.push_back(static_cast<std::uint8_t>(c));
    }
    bytes.insert(bytes.end(), {1, 0, static_cast<std::uint8_t>(text.size()),
                               static_cast<std::uint8_t>(text.size() >> 8U)});
    bytes.insert(bytes.end(), text.begin(), text.end());
    return bytes;
}

}  // namespace fedstake::sim
