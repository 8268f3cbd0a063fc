// Every entry of every registry is listed.
#include "sim/app/list_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "aggregation/detect/signal.hpp"
#include "aggregation/registry.hpp"
#include "sim/attacks.hpp"
#include "tests/sim/app/sim_program.hpp"

namespace fedstake::sim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string text_of(std::string_view what, Listing listing) {
    const auto text = list_text(what, listing);
    EXPECT_TRUE(text);
    return text.value_or("");
}

TEST(ListCommand, RulesAreAllThereWithTheirFacts) {
    const json listed = json::parse(text_of("rules", Listing::kJson));
    const auto rules = aggregation::all_rules();
    ASSERT_EQ(listed.size(), rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        EXPECT_EQ(listed[i]["name"], rules[i]->name);
        EXPECT_EQ(listed[i]["requirement"], rules[i]->requirement);
        ASSERT_EQ(listed[i]["parameters"].size(), rules[i]->parameters.size());
        for (std::size_t k = 0; k < rules[i]->parameters.size(); ++k) {
            EXPECT_EQ(listed[i]["parameters"][k]["name"], rules[i]->parameters[k].name);
            EXPECT_EQ(listed[i]["parameters"][k]["maximum"], rules[i]->parameters[k].maximum);
        }
        for (const char* key : {"summary", "breaks", "cost", "source"}) {
            EXPECT_FALSE(listed[i][key].get<std::string>().empty()) << rules[i]->name << key;
        }
    }
}

TEST(ListCommand, PreAggregationsAreAllThere) {
    EXPECT_EQ(json::parse(text_of("pre", Listing::kJson)).size(),
              aggregation::all_pre_aggregations().size());
}

TEST(ListCommand, AttacksAreAllThereWithTheirFacts) {
    const json listed = json::parse(text_of("attacks", Listing::kJson));
    const std::string text = text_of("attacks", Listing::kText);
    ASSERT_EQ(listed.size(), attacks().size());
    for (std::size_t i = 0; i < listed.size(); ++i) {
        const Attack& attack = attacks()[i];
        EXPECT_EQ(listed[i]["name"], attack.name);
        for (const char* key : {"summary", "formula", "knows", "effect", "source"}) {
            EXPECT_FALSE(listed[i][key].get<std::string>().empty()) << attack.name << key;
        }
        EXPECT_EQ(listed[i]["parameters"].size(), attack.factor.empty() ? 0U : 1U);
        ASSERT_EQ(listed[i]["breaks"].size(), attack.breaks.size());
        for (const std::string_view rule : attack.breaks) {
            EXPECT_TRUE(aggregation::find_rule(rule)) << rule;
        }
        EXPECT_THAT(text, HasSubstr(std::string(attack.name) + "\n"));
    }
    EXPECT_EQ(listed[0]["parameters"][0]["default"], 4.0);
    EXPECT_THAT(text, HasSubstr("breaks    no rule"));
}

TEST(ListCommand, SignalsAreAllThereWithWhatPoliciesDoWithThem) {
    const json listed = json::parse(text_of("signals", Listing::kJson));
    const auto signals = aggregation::detect::all_signals();
    ASSERT_EQ(listed.size(), signals.size());
    ASSERT_EQ(listed.size(), aggregation::detect::kSignals);
    std::size_t striking = 0;
    for (std::size_t i = 0; i < listed.size(); ++i) {
        EXPECT_EQ(listed[i]["name"], signals[i].name);
        EXPECT_EQ(listed[i]["number"], i);
        EXPECT_EQ(listed[i]["figure"], signals[i].what);
        EXPECT_EQ(listed[i]["limit"], signals[i].threshold);
        EXPECT_EQ(listed[i]["wrong"], signals[i].lies);
        EXPECT_EQ(listed[i]["source"], signals[i].source);
        striking += listed[i]["policies"]["immediate"].size();
    }
    EXPECT_EQ(striking, 3U) << "norm, cosine and distance, and nothing else";
    EXPECT_EQ(listed[0]["rules_limit"], 0.0);
    EXPECT_EQ(listed[1]["rules_limit"], -0.5);
    EXPECT_EQ(listed[1]["side"], "below");
    EXPECT_TRUE(listed[3]["rules_limit"].is_null());
    EXPECT_EQ(listed[5]["policies"]["cautious"],
              (json::array({"confirms a strike", "leaves out (2 at once)"})));
    EXPECT_EQ(listed[9]["policies"]["cautious"], (json::array({"shares one weight"})));
    EXPECT_EQ(listed[11]["policies"]["cautious"], json::array());
    EXPECT_THAT(text_of("signals", Listing::kText), HasSubstr("turns (coalition)\n"));
}

TEST(ListCommand, TextHasShortLines) {
    for (const char* what : {"rules", "pre", "attacks", "signals"}) {
        const std::string text = text_of(what, Listing::kText);
        for (std::size_t start = 0; start < text.size();) {
            const std::size_t end = text.find('\n', start);
            ASSERT_NE(end, std::string::npos);
            EXPECT_LE(end - start, 100U) << text.substr(start, end - start);
            EXPECT_FALSE(end > start && text[end - 1] == ' ') << text.substr(start, end - start);
            start = end + 1;
        }
    }
}

TEST(ListCommand, TheDocumentHasASectionForEveryEntry) {
    const std::string document = text_of("rules", Listing::kMarkdown);
    EXPECT_THAT(document, StartsWith("# Aggregation rules\n"));
    for (const auto* rule : aggregation::all_rules()) {
        EXPECT_THAT(document, HasSubstr("\n### " + std::string(rule->name) + "\n"));
    }
    for (const auto* pre : aggregation::all_pre_aggregations()) {
        EXPECT_THAT(document, HasSubstr("\n### " + std::string(pre->name) + "\n"));
    }
    EXPECT_EQ(document.find("\n\n\n"), std::string::npos);
}

TEST(ListCommand, TheProgramPrintsTheSame) {
    EXPECT_EQ(run_sim({"list", "rules", "--markdown"}).out, rules_markdown());
    EXPECT_EQ(run_sim({"list", "pre"}).out, text_of("pre", Listing::kText));
    EXPECT_EQ(run_sim({"list", "attacks", "--json"}).out, text_of("attacks", Listing::kJson));
}

TEST(ListCommand, RefusesOtherWordsAndForms) {
    EXPECT_EQ(run_sim({"list", "sites"}).exit_code, 2);
    EXPECT_EQ(run_sim({"list", "pre", "--markdown"}).exit_code, 2);
    EXPECT_EQ(run_sim({"list", "rules", "--markdown", "--json"}).exit_code, 2);
    EXPECT_EQ(run_sim({"list"}).exit_code, 2);
    EXPECT_EQ(run_sim({}).exit_code, 2);
    EXPECT_EQ(run_sim({"--version"}).out, "fedstake-sim 0.1.0\n");
}

}  // namespace
}  // namespace fedstake::sim
