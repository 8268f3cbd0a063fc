// The [rules] tables of a federation as TOML: reading and canonical writing.
//
//   [rules]              version, coordinates
//   [rules.aggregation]  rule, f, scale_bits, coordinate_max, parameters = {m = 3.0},
//                        pre = [{name = "norm-clip", norm = 1.0}]
//   [rules.anomaly]      policy ("immediate", "cautious"), look_back, norm_limit, cosine_limit,
//                        distance_limit, signals_to_strike
//   [rules.model]        kind, inputs, outputs, hidden, site_local, script_digest, init_seed
//   [rules.training]     algorithm, optimizer, learning_rate, momentum, weight_decay, proximal_mu,
//                        local_steps, batch_size, seed
//   [rules.schedule]     quorum, collect_deadline_ms, auditors_needed, attest_deadline_ms,
//                        attempts_max
//   [rules.settlement]   round_budget, min_stake, stake_per_score (wei, as text),
//                        strikes_to_accuse, slash_bps, slash_bps_max
#pragma once

#include <filesystem>
#include <string>

#include "proto/base/result.hpp"
#include "proto/manifest/toml_table.hpp"
#include "proto/rules/round_rules.hpp"

namespace fedstake::manifest {

// Reads the table named "rules" of `root` and checks it with RoundRules::validate() and
// check_coordinates(). RETURNS kInvalidInput with file, line of the key, and what is allowed.
[[nodiscard]] Result<rules::RoundRules> read_rules(TomlTable& root);

// A file that holds [rules] tables and nothing else.
[[nodiscard]] Result<rules::RoundRules> load_rules(const std::filesystem::path& path);

// Reading the text back gives the same rules. REQUIRES finite numbers.
[[nodiscard]] std::string rules_to_toml(const rules::RoundRules& rules);

}  // namespace fedstake::manifest
