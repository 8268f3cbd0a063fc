// All tables in one.
#include "aggregation/registry.hpp"

#include <algorithm>

#include "aggregation/pre/pre_table.hpp"
#include "aggregation/rules/column_table.hpp"
#include "aggregation/rules/selection_table.hpp"
#include "aggregation/rules/weighting_table.hpp"

namespace fedstake::aggregation {
namespace {

template <class Info>
std::vector<const Info*> by_name(std::initializer_list<std::span<const Info>> tables) {
    std::vector<const Info*> result;
    for (const std::span<const Info> table : tables) {
        for (const Info& info : table) {
            result.push_back(&info);
        }
    }
    std::sort(result.begin(), result.end(),
              [](const Info* a, const Info* b) { return a->name < b->name; });
    return result;
}

}  // namespace

std::span<const RuleInfo* const> all_rules() {
    static const std::vector<const RuleInfo*> kRules =
        by_name<RuleInfo>({column_rules(), selection_rules(), weighting_rules()});
    return kRules;
}

std::span<const PreInfo* const> all_pre_aggregations() {
    static const std::vector<const PreInfo*> kPre = by_name<PreInfo>({pre_aggregations()});
    return kPre;
}

}  // namespace fedstake::aggregation
