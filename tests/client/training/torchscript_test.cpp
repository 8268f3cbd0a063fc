// TorchScript models: only the approved bytes, and only modules that fit the rules.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include <torch/csrc/jit/api/module.h>
#include <torch/types.h>

#include "client/training/trainer.hpp"
#include "proto/crypto/sha256.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::training {
namespace {

using ::testing::HasSubstr;

constexpr const char* kForward = R"(
def forward(self, x):
    self.seen += 1.0
    return torch.matmul(x, self.weight) + self.bias
)";

class TorchScript : public ::testing::Test {
protected:
    // Saves a module of two inputs and returns rules that pin it.
    rules::RoundRules save(const char* forward = kForward) {
        torch::jit::Module module("model");
        module.register_parameter("weight", torch::full({2, 1}, 0.25F), false);
        module.register_parameter("bias", torch::zeros({1}), false);
        module.register_buffer("seen", torch::zeros({1}));
        module.define(forward);
        module.save(path_.string());
        return pin();
    }

    rules::RoundRules pin() {
        std::ostringstream bytes;
        bytes << std::ifstream(path_, std::ios::binary).rdbuf();
        rules::RoundRules rules;
        rules.model.kind = "torchscript";
        rules.model.inputs = 2;
        rules.model.script_digest = crypto::sha256(as_bytes(bytes.str()));
        rules.training.local_steps = 10;
        return rules;
    }

    static data::Dataset rows() {
        return {.inputs = 2,
                .classes = 2,
                .feature_names = {"a", "b"},
                .features = {1.0F, 0.0F, -1.0F, 0.5F, 2.0F, -1.0F, -2.0F, 1.0F},
                .labels = {1, 0, 1, 0}};
    }

    testing::TempDir folder_;
    std::filesystem::path path_ = folder_ / "model.pt";
};

TEST_F(TorchScript, TrainsFromTheFilesOwnValues) {
    auto trainer = Trainer::create(save(), path_);
    ASSERT_TRUE(trainer) << trainer.error().message;
    EXPECT_EQ(trainer->layout().shared_count(), 3U);
    EXPECT_EQ(trainer->initial().shared, (std::vector<float>{0.25F, 0.25F, 0.0F}));
    const auto trained = trainer->train(trainer->initial().shared, {}, rows(), {}, 1);
    ASSERT_TRUE(trained) << trained.error().message;
    EXPECT_EQ(trained->update.size(), 3U);
    EXPECT_NE(trained->update[0], 0);
}

TEST_F(TorchScript, BuffersStayAtTheSite) {
    auto trainer = Trainer::create(save(), path_);
    ASSERT_TRUE(trainer) << trainer.error().message;
    ASSERT_EQ(trainer->layout().parameters.back().name, "seen");
    EXPECT_TRUE(trainer->layout().parameters.back().buffer);
    const float before = trainer->initial().local.at(0);
    const auto trained = trainer->train(trainer->initial().shared, {}, rows(), {}, 1);
    ASSERT_TRUE(trained);
    EXPECT_EQ(trained->local.parameters.at(0), before + 10.0F);
    // A retried attempt starts from the state it is given, not from what the module remembers.
    const auto again = trainer->train(trainer->initial().shared, {}, rows(), {}, 1);
    EXPECT_EQ(again->local, trained->local);
    EXPECT_EQ(again->update, trained->update);
}

TEST_F(TorchScript, NamesMatchSiteLocalPatterns) {
    rules::RoundRules rules = save();
    rules.model.site_local = {"bias"};
    EXPECT_EQ(coordinates(rules.model, path_).value(), 2U);
}

TEST_F(TorchScript, OneChangedByteIsNeverLoaded) {
    const rules::RoundRules rules = save();
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(200);
    file.put('\x7f');
    file.close();
    const auto trainer = Trainer::create(rules, path_);
    ASSERT_FALSE(trainer);
    EXPECT_EQ(trainer.error().code, Errc::kCorrupt);
    EXPECT_THAT(trainer.error().message, HasSubstr("rules pin"));
}

TEST_F(TorchScript, NamesAFileThatIsNotThere) {
    const rules::RoundRules rules = save();
    const auto trainer = Trainer::create(rules, folder_ / "other.pt");
    ASSERT_FALSE(trainer);
    EXPECT_EQ(trainer.error().code, Errc::kNotFound);
}

TEST_F(TorchScript, PinnedGarbageIsAnErrorWithTheFile) {
    std::ofstream(path_) << "this is not a module";
    const auto trainer = Trainer::create(pin(), path_);
    ASSERT_FALSE(trainer);
    EXPECT_THAT(trainer.error().message, HasSubstr("model.pt"));
}

TEST_F(TorchScript, RefusesOutputsOfAnotherShape) {
    const auto trainer = Trainer::create(save("def forward(self, x):\n    return x\n"), path_);
    ASSERT_FALSE(trainer);
    EXPECT_THAT(trainer.error().message, HasSubstr("[rows, 1]"));
    const auto none = Trainer::create(save("def forward(self, x):\n    return 3\n"), path_);
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("one tensor"));
}

}  // namespace
}  // namespace fedstake::training
