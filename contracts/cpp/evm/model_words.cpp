// The registry's records and verdicts, as text and JSON.
#include <fmt/format.h>

#include "contracts/cpp/evm/model_registry.hpp"
#include "contracts/cpp/utc_text.hpp"

namespace fedstake::evm {

namespace {

using Kind = ModelVerdict::Kind;

std::string named(const Digest& digest) {
    return digest.is_zero() ? "not recorded" : digest.hex();
}

// A SHA-1 in the low 20 bytes, or a SHA-256.
std::string commit_text(const Digest& commit) {
    const std::string hex = commit.hex();
    const bool sha1 = hex.substr(2, 24).find_first_not_of('0') == std::string::npos;
    return commit.is_zero() ? "not recorded" : sha1 ? hex.substr(26) : hex.substr(2);
}

}  // namespace

std::string ModelVerdict::text() const {
    const std::string which = fmt::format("version {} (round {})", model.version, model.round);
    const std::string why = model.reason.empty() ? "" : fmt::format(" (\"{}\")", model.reason);
    switch (kind) {
        case Kind::kReleased:
        case Kind::kDeprecated:
            if (!lineage) {
                return fmt::format(
                    "this file is {}, but a version before it was revoked or is "
                    "missing: do not use it before you have asked the consortium why",
                    which);
            }
            if (kind == Kind::kReleased) return fmt::format("this file is {}, in use", which);
            return fmt::format(
                "this file is {}, which is deprecated{}: a newer version should "
                "replace it",
                which, why);
        case Kind::kRevoked:
            return fmt::format("this file is {}, which was REVOKED{}: do not use it", which, why);
        case Kind::kWrongValues:
            return fmt::format(
                "the publisher registered this file as {}, but its values are not "
                "the model that the auditors of that round signed: do not use it, "
                "and tell the consortium",
                which);
        case Kind::kSameValues:
            return fmt::format(
                "the values are those of {}, but this is not the released file: its "
                "header differs (names, shapes, metadata); get the file with SHA-256 "
                "{}",
                which, model.weights_sha256.hex());
        case Kind::kUnknown: break;
    }
    return "the registry has no version with this file's digest or values: it was altered, or "
           "never "
           "released by this federation; do not use it";
}

Json model_json(const PublishedModel& m) {
    return {{"model_id", m.model_id.hex()},
            {"version", m.version},
            {"round", m.round},
            {"parent", m.parent.hex()},
            {"weights_root", m.weights_root.hex()},
            {"weights_sha256", m.weights_sha256.hex()},
            {"weights_bytes", m.weights_bytes},
            {"cid", cid_of(m.weights_sha256)},
            {"datasets_root", m.datasets_root.hex()},
            {"code_commit", m.code_commit.hex()},
            {"config_hash", m.config_hash.hex()},
            {"eval_hash", m.eval_hash.hex()},
            {"record", m.record.hex()},
            {"status", model_status_name(m.status)},
            {"reason", m.reason},
            {"publisher", m.publisher.hex()},
            {"block", m.block},
            {"published_at", m.published_at}};
}

std::string model_text(const PublishedModel& m) {
    std::string text =
        fmt::format("version {} of model {}\n", m.version, m.model_id.hex()) +
        fmt::format("  status       {}{}\n", model_status_name(m.status),
                    m.reason.empty() ? "" : fmt::format(" (\"{}\")", m.reason)) +
        fmt::format("  round        {}, content root {}\n", m.round, m.weights_root.hex()) +
        fmt::format("  file         SHA-256 {}, {} bytes\n", m.weights_sha256.hex(),
                    m.weights_bytes) +
        fmt::format("  CID          {}\n", cid_of(m.weights_sha256)) +
        fmt::format("  parent       {}\n", m.parent.is_zero() ? "none" : m.parent.hex());
    text += fmt::format("  rules        {}\n", named(m.config_hash));
    text += fmt::format("  code         {}\n", commit_text(m.code_commit));
    text += fmt::format("  data sets    {}\n", named(m.datasets_root));
    text += fmt::format("  evaluation   {}\n", named(m.eval_hash));
    text += fmt::format("  record       {}\n", m.record.hex());
    if (m.block == 0) return text + "  published    not yet\n";
    return text + fmt::format("  published by {} at {} (block {})\n", m.publisher.hex(),
                              chain::utc_text(m.published_at), m.block);
}

Json verdict_json(const ModelVerdict& verdict, const ModelFile& file) {
    Json json{{"file", file.path.string()},
              {"sha256", file.sha256.hex()},
              {"bytes", file.bytes},
              {"values_root", file.values_root.hex()},
              {"verdict", verdict_name(verdict.kind)},
              {"good", verdict.good()},
              {"lineage", verdict.lineage},
              {"text", verdict.text()}};
    if (verdict.kind != Kind::kUnknown) json["model"] = model_json(verdict.model);
    return json;
}

std::string verdict_text(const ModelVerdict& verdict, const ModelFile& file) {
    std::string text = fmt::format(
        "{}\n  SHA-256      {}\n  size         {} bytes\n  values       "
        "content root {}\n",
        file.path.string(), file.sha256.hex(), file.bytes, file.values_root.hex());
    if (verdict.kind != Kind::kUnknown) text += model_text(verdict.model);
    return text + (verdict.good() ? "good: " : "NOT good: ") + verdict.text() + "\n";
}

}  // namespace fedstake::evm
