// Reads client.toml.
#include "client/app/config.hpp"

#include "client/data/schema.hpp"
#include "proto/manifest/toml_table.hpp"

namespace fedstake::client {

namespace {

namespace fs = std::filesystem;
using manifest::TomlTable;

constexpr std::int64_t kAuditThreadsMax = 64;

// RETURNS kNotFound, with the place in the configuration, unless the path is there.
Status require_exists(const TomlTable& table, std::string_view key, const fs::path& path) {
    std::error_code ignored;
    if (fs::exists(path, ignored)) return {};
    return fail(Errc::kNotFound,
                table.where(key) + std::string(key) + ": no such file or folder: " + path.string());
}

Result<DataConfig> read_data(TomlTable& root) {
    DataConfig data;
    FS_ASSIGN(TomlTable table, root.table("data", false));
    if (!root.has("data")) return data;
    FS_ASSIGN(data.file, table.path("file", std::nullopt));
    FS_TRY(require_exists(table, "file", data.file));
    FS_ASSIGN(data.schema, table.text("schema", "uci-heart"));
    FS_ASSIGN(const std::int64_t seed,
              table.integer("split_seed", {.min = 0, .max = INT64_MAX, .fallback = 1}));
    data.split_seed = static_cast<std::uint64_t>(seed);
    if (table.has("script")) {
        FS_ASSIGN(data.script, table.path("script", std::nullopt));
        FS_TRY(require_exists(table, "script", data.script));
    }
    if (data.schema.ends_with(".toml")) {
        FS_ASSIGN(const fs::path schema, table.path("schema", std::nullopt));
        FS_TRY(require_exists(table, "schema", schema));
        data.schema = schema.string();
    } else if (const auto known = data::builtin_schema(data.schema); !known) {
        return fail(Errc::kInvalidInput, table.where("schema") + known.error().message);
    }
    FS_TRY(table.finish());
    return data;
}

}  // namespace

Result<ClientConfig> load_config(const fs::path& file) {
    FS_ASSIGN(TomlTable root, TomlTable::load(file));
    ClientConfig config;
    config.file = file;
    FS_ASSIGN(config.manifest, root.path("manifest", std::nullopt));
    FS_TRY(require_exists(root, "manifest", config.manifest));
    FS_ASSIGN(config.keys, root.path("keys", file.parent_path() / "keys"));
    FS_TRY(require_exists(root, "keys", config.keys));
    FS_ASSIGN(config.passphrase_file, root.path("passphrase_file", fs::path{}));
    if (root.has("passphrase_file")) {
        FS_TRY(require_exists(root, "passphrase_file", config.passphrase_file));
    } else {
        config.passphrase_file.clear();
    }
    FS_ASSIGN(config.state, root.path("state", file.parent_path() / "state"));
    FS_ASSIGN(config.reports_metrics, root.boolean("report_metrics", true));
    FS_ASSIGN(config.rpc, root.text("rpc", ""));
    FS_ASSIGN(const std::int64_t threads,
              root.integer("audit_threads", {.min = 1, .max = kAuditThreadsMax, .fallback = 1}));
    config.audit_threads = static_cast<unsigned>(threads);
    FS_ASSIGN(config.data, read_data(root));
    FS_TRY(root.finish());
    return config;
}

}  // namespace fedstake::client
