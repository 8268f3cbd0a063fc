// Accuracy, loss and AUC from a model's raw outputs. No LibTorch.
#pragma once

#include <cstdint>
#include <span>

#include "client/training/trainer.hpp"

namespace fedstake::training {

// `logits` is row-major, labels.size() * outputs. One output: logit of class 1, predicted above 0.
// Several: the largest wins, ties to the lowest class. Sums in row order, in double.
// REQUIRES labels below 2 (one output) or below `outputs`.
[[nodiscard]] Evaluation evaluate_logits(std::span<const float> logits, std::size_t outputs,
                                         std::span<const std::int32_t> labels);

}  // namespace fedstake::training
