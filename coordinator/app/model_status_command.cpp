// model deprecate, model revoke: what users of a released version are told from now on.
#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contracts/cpp/evm/model_registry.hpp"
#include "coordinator/app/record_commands.hpp"

namespace fedstake::coordinator {

namespace {

constexpr std::size_t kReasonMax = 200;  // bytes, as `model show` prints

Status check_reason(const std::string& reason) {
    const bool printable = std::ranges::all_of(reason, [](char c) { return c >= ' ' && c <= '~'; });
    if (!reason.empty() && reason.size() <= kReasonMax && printable) {
        return {};
    }
    return fail(Errc::kInvalidInput,
                fmt::format("--reason: must be 1 to {} printable ASCII characters; it is on the "
                            "chain for ever, and must say nothing about patients",
                            kReasonMax));
}

void print(const ModelStatusOptions& options, const evm::PublishedModel& model,
           const CallResult& done) {
    if (options.json) {
        nlohmann::json json = evm::model_json(model);
        json["dry_run"] = options.dry_run;
        json["gas"] = done.gas;
        json["transaction"] = done.transaction.is_zero() ? "" : done.transaction.hex();
        fmt::print("{}\n", json.dump());
        return;
    }
    if (options.dry_run) {
        fmt::print("would mark version {} as {}: {} gas, at most {} wei\n", model.version,
                   evm::model_status_name(options.status), done.gas, amount_to_string(done.cost));
        return;
    }
    if (!done.transaction.is_zero()) {
        fmt::print("transaction {}, {} gas\n", done.transaction.hex(), done.gas);
    }
    fmt::print("{}", evm::model_text(model));
}

Result<evm::PublishedModel> version_of(ChainLink& link, std::uint64_t version) {
    FS_ASSIGN(const auto models,
              evm::read_models(*link.node, link.contracts, link.abis, link.manifest.federation));
    const auto found = std::ranges::find(models, version, &evm::PublishedModel::version);
    if (found == models.end()) {
        return fail(Errc::kNotFound, fmt::format("the registry has no version {}, the newest is {}",
                                                 version, models.size()));
    }
    return *found;
}

}  // namespace

Status model_set_status(const ModelStatusOptions& options) {
    FS_TRY(check_reason(options.reason));
    FS_ASSIGN(ChainLink link, ChainLink::open(options.config));
    FS_ASSIGN(const evm::PublishedModel before, version_of(link, options.version));
    if (before.status == options.status) {
        print(options, before, {});
        return {};
    }
    FS_ASSIGN(const crypto::SigningKey key, payer_key(options.payer, link.config));
    FS_ASSIGN(
        const CallResult done,
        call_or_try(
            link, key, link.contracts.model_registry, link.abis.model_registry, "setStatus",
            {evm::AbiValue::word(link.manifest.federation), evm::AbiValue::number(options.version),
             evm::AbiValue::number(static_cast<std::uint64_t>(options.status)),
             evm::AbiValue::text(options.reason)},
            options.dry_run));
    if (options.dry_run) {
        print(options, before, done);
        return {};
    }
    FS_ASSIGN(const evm::PublishedModel after, version_of(link, options.version));
    print(options, after, done);
    return {};
}

}  // namespace fedstake::coordinator
