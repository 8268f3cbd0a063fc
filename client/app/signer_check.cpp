// One call for each key that was not seen before.
#include "client/app/signer_check.hpp"

namespace fedstake::client {

SignerCheck::SignerCheck(std::unique_ptr<evm::Rpc> rpc, const Address& stake_vault,
                         evm::ContractAbi vault)
    : rpc_(std::move(rpc)), node_(*rpc_), stake_vault_(stake_vault), vault_(std::move(vault)) {}

Result<std::vector<session::Check>> SignerCheck::operator()(const rules::RoundContext& context) {
    std::vector<session::Check> differ;
    for (const rules::CohortMember& member : context.cohort) {
        const std::pair<SiteId, Address> pair(member.site, member.signer);
        if (member.barred || bound_.contains(pair)) continue;
        FS_ASSIGN(const auto result, evm::call_view(node_, stake_vault_, vault_, "ownerOfSigner",
                                                    {evm::AbiValue::address(member.signer)}));
        FS_ASSIGN(const Address owner, result[0].as_address());
        if (owner == member.site && !member.signer.is_zero()) {
            bound_.insert(pair);
            continue;
        }
        differ.push_back({.figure = "key of " + member.site.hex(),
                          .claimed = member.signer.hex(),
                          .recomputed = owner.is_zero() ? "bound to nobody on the chain"
                                                        : "bound on the chain to " + owner.hex(),
                          .matches = false});
    }
    return differ;
}

}  // namespace fedstake::client
