// Options and dispatch.
#include "client/app/chain_verbs.hpp"

namespace fedstake::client {

namespace {

void add_common(CLI::App* verb, std::filesystem::path& config, bool& json) {
    verb->add_option("--config", config, "the site's client.toml")->required();
    verb->add_flag("--json", json, "print JSON");
}

void add_owner(CLI::App* verb, OwnerOptions& options) {
    add_common(verb, options.config, options.json);
    verb->add_flag("--dry-run", options.dry_run, "say what would happen and what it costs");
}

Result<ExitCode> code_of(const Status& status) {
    if (!status) return tl::unexpected(status.error());
    return ExitCode::kSuccess;
}

}  // namespace

void ChainVerbs::add_to(CLI::App& app) {
    add_owner_verbs(app);
    add_record_verbs(app);
}

void ChainVerbs::add_owner_verbs(CLI::App& app) {
    auto* exit = app.add_subcommand("exit", "start taking stake out");
    add_owner(exit, exit_);
    exit->add_option("--amount", exit_amount_, "token units (wei); all of it if left out");
    add_owner(app.add_subcommand("withdraw", "pay out what has left the stake"), withdraw_);
    auto* appeal = app.add_subcommand("appeal", "list this site's slash cases, or appeal one");
    add_owner(appeal, appeal_.common);
    appeal->add_option("--case", appeal_.case_id, "the case; its first digits are enough");
    appeal->add_flag("--escalate", appeal_.escalate,
                     "take a panel's confirmation to the governor, for twice the bond");
    appeal->add_flag("--close", appeal_.close,
                     "end an appeal that nobody ruled on, or bring a bond back");
    auto* rotate = app.add_subcommand("rotate-key", "replace this site's signer key");
    add_owner(rotate, rotate_.common);
    rotate->add_option("--out", rotate_.out, "request for the consortium operator, to be written")
        ->required();
    rotate->add_flag("--light", rotate_.light, "cheap key derivation; not for real keys");
    rotate->add_flag("--force", rotate_.force, "also while the contracts list the old key");
}

void ChainVerbs::add_record_verbs(CLI::App& app) {
    auto* model = app.add_subcommand("model", "released models");
    model->require_subcommand(1);
    auto* verify = model->add_subcommand("verify", "check a file against the model registry");
    add_common(verify, model_.config, model_.json);
    verify->add_option("file", model_.file, "safetensors file")->required();
    auto* print = app.add_subcommand("fingerprint", "a keyed fingerprint of this site's data set");
    add_common(print, fingerprint_.config, fingerprint_.json);
    print->add_option("--out", fingerprint_.out, "file to write")->required();
    print->add_flag("--light", fingerprint_.light, "cheap key derivation; not for real keys");
    auto* accuse = app.add_subcommand("sign-accusation", "sign an accusation (auditors)");
    add_common(accuse, accusation_.config, accusation_.json);
    accuse->add_option("--round", accusation_.round, "round number")->required();
    accuse->add_option("--site", accusation_.site, "name or owner address")->required();
    accuse->add_option("--kind", accusation_.kind, "poisoning or free-riding")->required();
    accuse->add_option("--bps", accusation_.bps, "share of the stake in 1/10000")->required();
    accuse->add_option("--deadline", accusation_.deadline,
                       "Unix seconds by which it is posted; the last possible if left out. All "
                       "auditors must sign the same");
    accuse->add_option("--out", accusation_.out, "file to write")->required();
}

Result<ExitCode> ChainVerbs::run_exit(const std::atomic<bool>& stop) const {
    std::optional<Amount> amount;
    if (!exit_amount_.empty()) {
        auto parsed = parse_amount(exit_amount_);
        if (!parsed) return with_context(parsed.error(), "--amount");
        amount = *parsed;
    }
    return code_of(exit_stake(exit_, amount, stop));
}

std::optional<Result<ExitCode>> ChainVerbs::run(const CLI::App& app,
                                                const std::atomic<bool>& stop) const {
    if (app.got_subcommand("exit")) return run_exit(stop);
    if (app.got_subcommand("withdraw")) return code_of(withdraw(withdraw_, stop));
    if (app.got_subcommand("appeal")) return code_of(appeal(appeal_, stop));
    if (app.got_subcommand("rotate-key")) return code_of(rotate_key(rotate_, stop));
    if (app.got_subcommand("model")) return model_verify(model_, stop);
    if (app.got_subcommand("fingerprint")) return code_of(fingerprint(fingerprint_));
    if (app.got_subcommand("sign-accusation")) return code_of(sign_accusation(accusation_, stop));
    return std::nullopt;
}

}  // namespace fedstake::client
