// The synthetic cohort: reproducible, readable by its own schema, different from site to site.
#include "client/data/cohort.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <sstream>

#include "client/data/csv.hpp"
#include "tests/support/temp_dir.hpp"

namespace fedstake::data {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

Dataset load_site(const CohortSite& site, double missing = 0.0) {
    const auto csv =
        parse_csv(cohort_csv(site, missing), site.name, builtin_schema("clinical-cohort").value());
    EXPECT_TRUE(csv) << csv.error().message;
    return csv ? csv->data : Dataset{};
}

TEST(Cohort, IsAPureFunctionOfItsSeed) {
    const auto plan = plan_cohort({.sites = 6, .rows = 50, .seed = 4});
    ASSERT_TRUE(plan);
    EXPECT_EQ(cohort_csv(plan->at(5), 0.02), cohort_csv(plan->at(5), 0.02));
    const auto other = plan_cohort({.sites = 6, .rows = 50, .seed = 5});
    EXPECT_NE(cohort_csv(plan->at(0), 0.02), cohort_csv(other->at(0), 0.02));
}

TEST(Cohort, MoreSitesLeaveTheFirstOnesAlone) {
    const auto few = plan_cohort({.sites = 2, .rows = 50});
    const auto many = plan_cohort({.sites = 9, .rows = 50});
    EXPECT_EQ(cohort_csv(few->at(1), 0.0), cohort_csv(many->at(1), 0.0));
}

TEST(Cohort, HasThePlannedPatientMix) {
    const auto plan = plan_cohort({.sites = 4, .rows = 4000, .seed = 1});
    ASSERT_TRUE(plan);
    for (const CohortSite& site : *plan) {
        const Dataset data = load_site(site);
        ASSERT_EQ(data.rows(), site.rows);
        ASSERT_EQ(data.inputs, 13U);
        const double share =
            static_cast<double>(data.positives()) / static_cast<double>(data.rows());
        EXPECT_NEAR(share, site.prevalence, 0.04) << site.name;
    }
    EXPECT_LT(plan->at(1).prevalence, 0.35);
    EXPECT_GT(plan->at(2).prevalence, 0.85);
}

TEST(Cohort, RiskSignsTellTheDiagnosis) {
    const auto plan = plan_cohort({.sites = 1, .rows = 4000, .seed = 1});
    const Dataset data = load_site(plan->at(0));
    const std::size_t angina = 11;
    ASSERT_EQ(data.feature_names[angina], "exercise_angina");
    double rate[2] = {0, 0};
    double rows[2] = {0, 0};
    for (std::size_t i = 0; i < data.rows(); ++i) {
        const auto label = static_cast<std::size_t>(data.labels[i]);
        rate[label] += static_cast<double>(data.row(i)[angina]);
        rows[label] += 1.0;
    }
    EXPECT_GT(rate[1] / rows[1], rate[0] / rows[0] + 0.25);
}

TEST(Cohort, LeavesCellsMissing) {
    const auto plan = plan_cohort({.sites = 1, .rows = 2000, .seed = 1});
    const auto csv =
        parse_csv(cohort_csv(plan->at(0), 0.1), "x", builtin_schema("clinical-cohort").value());
    ASSERT_TRUE(csv);
    EXPECT_NEAR(static_cast<double>(csv->rows_dropped), 2000 * 0.19, 80.0);
}

TEST(Cohort, WritesFilesThatReadBack) {
    const testing::TempDir folder;
    const auto written = write_cohort({.sites = 3, .rows = 40, .seed = 2}, folder / "new" / "deep");
    ASSERT_TRUE(written) << written.error().message;
    const auto schema = load_schema(written->schema);
    ASSERT_TRUE(schema) << schema.error().message;
    ASSERT_EQ(written->files.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto csv = load_csv(written->files[i], *schema);
        ASSERT_TRUE(csv) << csv.error().message;
        EXPECT_EQ(csv->rows_read, written->sites[i].rows);
        EXPECT_THAT(text_of(written->datasheet), HasSubstr(written->sites[i].name));
    }
    EXPECT_THAT(text_of(written->datasheet), HasSubstr("no patient"));
}

TEST(Cohort, RefusesOptionsOutOfRange) {
    EXPECT_FALSE(plan_cohort({.sites = 0}));
    EXPECT_FALSE(plan_cohort({.sites = 513}));
    EXPECT_FALSE(plan_cohort({.rows = 19}));
    EXPECT_FALSE(plan_cohort({.missing_share = -0.1}));
    EXPECT_FALSE(plan_cohort({.missing_share = std::numeric_limits<double>::quiet_NaN()}));
}

TEST(Cohort, SaysWhichFolderCannotBeWritten) {
    const testing::TempDir folder;
    std::ofstream(folder / "file") << "x";
    const auto written = write_cohort({}, folder / "file" / "below");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Errc::kUnavailable);
    EXPECT_THAT(written.error().message, HasSubstr("below"));
}

}  // namespace
}  // namespace fedstake::data
