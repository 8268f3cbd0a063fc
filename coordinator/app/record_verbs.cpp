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
    if (!app.got_subcommand("model")) {
        return std::nullopt;
    }
    if (model_->got_subcommand("publish")) {
        return code_of(model_publish(publish_));
    }
    if (model_->got_subcommand("show")) {
        return code_of(model_show(show_));
    }
    return model_verify(verify_);
}

}  // namespace fedstake::coordinator
