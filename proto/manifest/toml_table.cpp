// TomlTable over toml++. The one place where toml++'s exceptions are caught.
#include "proto/manifest/toml_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "proto/manifest/nearest_key.hpp"

namespace fedstake::manifest {

namespace {

constexpr std::uintmax_t kFileBytesMax = std::uintmax_t{4} << 20U;

struct Document {
    toml::table root;
    std::string source;
};

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table: return "a table";
        case toml::node_type::array: return "an array";
        case toml::node_type::string: return "a string";
        case toml::node_type::integer: return "an integer";
        case toml::node_type::floating_point: return "a number with a fraction";
        case toml::node_type::boolean: return "a boolean";
        case toml::node_type::date: return "a date";
        case toml::node_type::time: return "a time";
        case toml::node_type::date_time: return "a date and time";
        case toml::node_type::none: break;
    }
    return "nothing";
}

std::string place(const std::string& source, const toml::source_position& position) {
    if (position.line == 0) return source + ": ";
    return fmt::format("{}:{}: ", source, position.line);
}

Result<std::string> read_text_file(const std::filesystem::path& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
        return fail(Errc::kNotFound, path.string() + ": no such file");
    }
    if (!std::filesystem::is_regular_file(status)) {
        return fail(Errc::kInvalidInput, path.string() + ": not a regular file");
    }
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (!error && size > kFileBytesMax) {
        return fail(Errc::kLimitExceeded, fmt::format("{}: {} bytes, a TOML file may have at most "
                                                      "{}",
                                                      path.string(), size, kFileBytesMax));
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || (size != 0 && !(text << file.rdbuf()))) {
        return fail(Errc::kUnavailable,
                    path.string() + ": cannot be read: check that this user may read it");
    }
    return text.str();
}

}  // namespace

struct TomlTable::Impl {
    std::shared_ptr<const Document> document;
    const toml::table* table = nullptr;  // null: the table is not in the file
    std::string section;                 // "" top level, "rules.model", "sites[2]"
    std::set<std::string, std::less<>> asked;
    std::set<std::string, std::less<>> known;  // asked, or looked for by has()

    [[nodiscard]] const toml::node* find(std::string_view key) const {
        return table == nullptr ? nullptr : table->get(key);
    }
    const toml::node* ask(std::string_view key) {
        asked.emplace(key);
        known.emplace(key);
        return find(key);
    }
    [[nodiscard]] std::string section_text() const {
        return section.empty() ? "the top level" : "[" + section + "]";
    }
    [[nodiscard]] std::string below(std::string_view key) const {
        return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
    }
    [[nodiscard]] std::string where(const toml::node* node) const {
        if (node == nullptr) node = table;
        if (node == nullptr) return document->source + ": ";
        if (node == table && section.empty()) return document->source + ": ";
        return place(document->source, node->source().begin);
    }
    [[nodiscard]] tl::unexpected<Error> refuse(const toml::node* node, std::string message) const {
        return fail(Errc::kInvalidInput, where(node) + std::move(message));
    }
    [[nodiscard]] tl::unexpected<Error> missing(std::string_view key,
                                                std::string_view expected) const {
        return refuse(nullptr,
                      fmt::format("{} has no \"{}\": add it ({})", section_text(), key, expected));
    }
    [[nodiscard]] tl::unexpected<Error> wrong_type(std::string_view key, const toml::node& node,
                                                   std::string_view expected) const {
        return refuse(&node,
                      fmt::format("\"{}\" must be {}, found {}", key, expected, type_name(node)));
    }
    [[nodiscard]] TomlTable child(const toml::table* sub_table, std::string name) const {
        auto impl = std::make_unique<Impl>();
        impl->document = document;
        impl->table = sub_table;
        impl->section = std::move(name);
        return TomlTable(std::move(impl));
    }
    // The items of an array, each of which must be a T.
    template <class T>
    Result<std::vector<T>> items(std::string_view key, std::optional<std::vector<T>> fallback,
                                 std::string_view expected) {
        const toml::node* node = ask(key);
        if (node == nullptr) {
            if (fallback) return *std::move(fallback);
            return missing(key, expected);
        }
        const toml::array* array = node->as_array();
        if (array == nullptr) return wrong_type(key, *node, expected);
        std::vector<T> values;
        for (const toml::node& item : *array) {
            const auto value = item.value_exact<T>();
            if (!value) {
                return wrong_type(fmt::format("{}[{}]", key, values.size()), item,
                                  std::is_same_v<T, std::string> ? "a string" : "an integer");
            }
            values.push_back(*value);
        }
        return values;
    }
};

TomlTable::TomlTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TomlTable::~TomlTable() = default;
TomlTable::TomlTable(TomlTable&&) noexcept = default;
TomlTable& TomlTable::operator=(TomlTable&&) noexcept = default;

Result<TomlTable> TomlTable::load(const std::filesystem::path& path) {
    FS_ASSIGN(const std::string text, read_text_file(path));
    return parse(text, path.string());
}

Result<TomlTable> TomlTable::parse(std::string_view text, std::string source_name) {
    auto document = std::make_shared<Document>();
    document->source = std::move(source_name);
    try {
        document->root = toml::parse(text);
    } catch (const toml::parse_error& error) {
        return fail(Errc::kInvalidInput, fmt::format("{}not valid TOML: {}",
                                                     place(document->source, error.source().begin),
                                                     error.description()));
    }
    auto impl = std::make_unique<Impl>();
    impl->table = &document->root;
    impl->document = std::move(document);
    return TomlTable(std::move(impl));
}

Result<std::int64_t> TomlTable::integer(std::string_view key, const IntegerRange& range) {
    const std::string allowed = fmt::format("an integer, {} to {}", range.min, range.max);
    const toml::node* node = impl_->ask(key);
    if (node == nullptr) {
        if (range.fallback) return *range.fallback;
        return impl_->missing(key, allowed);
    }
    const auto value = node->value_exact<std::int64_t>();
    if (!value) return impl_->wrong_type(key, *node, "an integer");
    if (*value < range.min || *value > range.max) {
        return impl_->refuse(
            node, fmt::format("\"{}\" is {}, must be {} to {}", key, *value, range.min, range.max));
    }
    return *value;
}

Result<double> TomlTable::number(std::string_view key, const NumberRange& range) {
    const toml::node* node = impl_->ask(key);
    if (node == nullptr) {
        if (range.fallback) return *range.fallback;
        return impl_->missing(key, "a number");
    }
    if (!node->is_number()) return impl_->wrong_type(key, *node, "a number");
    const double value = node->value<double>().value_or(std::nan(""));
    if (!(value >= range.min && value <= range.max)) {
        return impl_->refuse(
            node, fmt::format("\"{}\" is {}, must be {} to {}", key, value, range.min, range.max));
    }
    return value;
}

Result<bool> TomlTable::boolean(std::string_view key, std::optional<bool> fallback) {
    const toml::node* node = impl_->ask(key);
    if (node == nullptr) {
        if (fallback) return *fallback;
        return impl_->missing(key, "true or false");
    }
    const auto value = node->value_exact<bool>();
    if (!value) return impl_->wrong_type(key, *node, "true or false");
    return *value;
}

Result<std::string> TomlTable::text(std::string_view key, std::optional<std::string> fallback) {
    const toml::node* node = impl_->ask(key);
    if (node == nullptr) {
        if (fallback) return *std::move(fallback);
        return impl_->missing(key, "a string");
    }
    const auto value = node->value_exact<std::string>();
    if (!value) return impl_->wrong_type(key, *node, "a string");
    return *value;
}

Result<std::vector<std::string>> TomlTable::texts(
    std::string_view key, std::optional<std::vector<std::string>> fallback) {
    return impl_->items<std::string>(key, std::move(fallback), "an array of strings");
}

Result<std::vector<std::int64_t>> TomlTable::integers(
    std::string_view key, std::optional<std::vector<std::int64_t>> fallback) {
    return impl_->items<std::int64_t>(key, std::move(fallback), "an array of integers");
}

Result<std::filesystem::path> TomlTable::path(std::string_view key,
                                              std::optional<std::filesystem::path> fallback) {
    if (impl_->ask(key) == nullptr && fallback) return *std::move(fallback);
    FS_ASSIGN(const std::string value, text(key, std::nullopt));
    if (value.empty()) {
        return impl_->refuse(impl_->find(key), fmt::format("\"{}\" is an empty path", key));
    }
    return std::filesystem::path(impl_->document->source).parent_path() / value;
}

Result<TomlTable> TomlTable::table(std::string_view key, bool required) {
    const toml::node* node = impl_->ask(key);
    if (node == nullptr && required) {
        return impl_->refuse(nullptr,
                             fmt::format("section [{}] is missing: add it", impl_->below(key)));
    }
    if (node != nullptr && !node->is_table()) return impl_->wrong_type(key, *node, "a table");
    return impl_->child(node == nullptr ? nullptr : node->as_table(), impl_->below(key));
}

Result<std::vector<TomlTable>> TomlTable::tables(std::string_view key) {
    std::vector<TomlTable> found;
    const toml::node* node = impl_->ask(key);
    if (node == nullptr) return found;
    const toml::array* array = node->as_array();
    if (array == nullptr) return impl_->wrong_type(key, *node, "an array of tables");
    for (const toml::node& item : *array) {
        const std::string name = fmt::format("{}[{}]", key, found.size());
        if (!item.is_table()) return impl_->wrong_type(name, item, "a table");
        found.push_back(impl_->child(item.as_table(), impl_->below(name)));
    }
    return found;
}

bool TomlTable::has(std::string_view key) const {
    impl_->known.emplace(key);
    return impl_->find(key) != nullptr;
}

std::vector<std::string> TomlTable::keys() const {
    std::vector<std::string> names;
    if (impl_->table == nullptr) return names;
    std::vector<std::pair<const toml::key*, std::string>> sorted;
    for (auto&& [key, node] : *impl_->table) sorted.emplace_back(&key, key.str());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return a.first->source().begin < b.first->source().begin;
    });
    for (auto& [key, name] : sorted) names.push_back(std::move(name));
    return names;
}

std::string TomlTable::where(std::string_view key) const {
    return impl_->where(key.empty() ? nullptr : impl_->find(key));
}

Status TomlTable::finish() const {
    for (const std::string& key : keys()) {
        if (impl_->asked.contains(key)) continue;
        const std::vector<std::string> known(impl_->known.begin(), impl_->known.end());
        const auto nearest = nearest_key(key, known);
        std::string advice = "nothing is allowed here";
        if (nearest) {
            advice = fmt::format("did you mean \"{}\"?", *nearest);
        } else if (!known.empty()) {
            advice = fmt::format("known here: {}", fmt::join(known, ", "));
        }
        return impl_->refuse(impl_->find(key), fmt::format("unknown key \"{}\" in {}: {}", key,
                                                           impl_->section_text(), advice));
    }
    return {};
}

}  // namespace fedstake::manifest
