// Options and dispatch.
#include "coordinator/app/record_verbs.hpp"

namespace fedstake::coordinator {

namespace {

void add_common(CLI::App* verb, std::filesystem::path& config, bool& json) {
    verb->add_option("--config", config, "the coordinator.toml made by init")->required();
    verb->add_flag("--json", json, "print JSON");
}

void add_payer(CLI::App* verb, PayerOptions& payer) {
    verb->add_option("--key", payer.key_file,
                     "key file of the account that pays (else the "
                     "coordinator's)");
    verb->add_option("--key-passphrase-file", payer.key_passphrase.file,
                     "file with its passphrase (else FEDSTAKE_PASSPHRASE)");
    verb->add_option("--passphrase-file", payer.passphrase.file,
                     "file with the passphrase of the coordinator's keys");
}

Result<ExitCode> code_of(const Status& status) {
    if (!status) {
        return tl::unexpected<Error>(status.error());
    }
    return ExitCode::kSuccess;
}

}  // namespace

void RecordVerbs::add_to(CLI::App& app) {
    add_model(app);
    add_stake(app);
    add_accuse(app);
}

void RecordVerbs::add_model(CLI::App& app) {
    model_ = app.add_subcommand("model", "the model registry");
    model_->require_subcommand(1);
    auto* publish = model_->add_subcommand("publish",
                                           "publish the model of a final round (coordinator "
                                           "stopped)");
    add_common(publish, publish_.config, publish_.json);
    add_payer(publish, publish_.payer);
    publish->add_option("--round", publish_.round, "the newest final one if left out");
    publish->add_option("--evaluation", publish_.evaluation,
                        "report of an evaluation; its SHA-256 is recorded");
    publish->add_option("--datasets", publish_.datasets,
                        "files of `fedstake-client fingerprint`, one a site");
    publish->add_option("--code-commit", publish_.code_commit,
                        "git commit whose code ran the round; this build's if left out");
    publish->add_flag("--dry-run", publish_.dry_run, "say what would be published and its cost");
    auto* show = model_->add_subcommand("show", "list what is published");
    add_common(show, show_.config, show_.json);
    show->add_option("--version", show_.version, "only this version");
    auto* verify = model_->add_subcommand("verify", "check a file against the registry");
    add_common(verify, verify_.config, verify_.json);
    verify->add_option("file", verify_.file, "safetensors file")->required();
    deprecate_.status = evm::ModelStatus::kDeprecated;
    add_model_status("deprecate", "mark a released version as superseded", deprecate_);
    revoke_.status = evm::ModelStatus::kRevoked;
    add_model_status("revoke", "withdraw a released version, for good", revoke_);
}

void RecordVerbs::add_model_status(const char* name, const char* help,
                                   ModelStatusOptions& options) {
    auto* verb = model_->add_subcommand(name, help);
    add_common(verb, options.config, options.json);
    add_payer(verb, options.payer);
    verb->add_option("--version", options.version, "the released version")->required();
    verb->add_option("--reason", options.reason, "why, for its users; on the chain for ever")
        ->required();
    verb->add_flag("--dry-run", options.dry_run, "say what it costs, send nothing");
}

void RecordVerbs::add_stake(CLI::App& app) {
    auto* verb = app.add_subcommand("stake", "stake tokens of the coordinator's account");
    add_common(verb, stake_.config, stake_.json);
    verb->add_option("--passphrase-file", stake_.passphrase.file,
                     "file with the passphrase of the coordinator's keys");
    verb->add_option("--amount", stake_amount_, "token units (wei) to have at stake")->required();
    verb->add_flag("--dry-run", stake_.dry_run, "say what would happen and what it costs");
}

Result<ExitCode> RecordVerbs::run_stake() const {
    CoordinatorStakeOptions options = stake_;
    const auto amount = parse_amount(stake_amount_);
    if (!amount) {
        return with_context(amount.error(), "--amount");
    }
    options.amount = *amount;
    return code_of(stake(options));
}

Result<ExitCode> RecordVerbs::run_model() const {
    if (model_->got_subcommand("publish")) {
        return code_of(model_publish(publish_));
    }
    if (model_->got_subcommand("show")) {
        return code_of(model_show(show_));
    }
    if (model_->got_subcommand("deprecate")) {
        return code_of(model_set_status(deprecate_));
    }
    if (model_->got_subcommand("revoke")) {
        return code_of(model_set_status(revoke_));
    }
    return model_verify(verify_);
}

void RecordVerbs::add_accuse(CLI::App& app) {
    auto* accuse = app.add_subcommand("accuse", "post an accusation that auditors have signed");
    add_common(accuse, accuse_.config, accuse_.json);
    add_payer(accuse, accuse_.payer);
    accuse->add_option("--round", accuse_.round, "round number")->required();
    accuse->add_option("--site", accuse_.site, "name or owner address")->required();
    accuse->add_option("--kind", accuse_.kind, "poisoning or free-riding")->required();
    accuse->add_option("--bps", accuse_.bps, "share of the stake in 1/10000")->required();
    accuse->add_flag("--dry-run", accuse_.dry_run, "try it without sending");
    accuse->add_option("signatures", accuse_.signatures,
                       "files of `fedstake-client sign-accusation`");
}

std::optional<Result<ExitCode>> RecordVerbs::run(const CLI::App& app) const {
    if (app.got_subcommand("accuse")) {
        return code_of(accuse(accuse_));
    }
    if (app.got_subcommand("stake")) {
        return run_stake();
    }
    if (app.got_subcommand("model")) {
        return run_model();
    }
    return std::nullopt;
}

}  // namespace fedstake::coordinator
