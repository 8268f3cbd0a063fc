// keygen and enroll: everything that happens before a federation exists.
#include <fstream>
#include <iostream>

#include <nlohmann/json.hpp>

#include "client/app/commands.hpp"
#include "proto/manifest/enrolment.hpp"

namespace fedstake::client {

Status keygen(const KeygenOptions& options) {
    FS_ASSIGN(const std::string passphrase, read_passphrase(options.passphrase_file));
    const crypto::KeystoreCost cost =
        options.light ? crypto::kLightKeystoreCost : crypto::KeystoreCost{};
    FS_ASSIGN(const PublicKeys keys, make_keys(options.out, passphrase, cost));
    if (options.json) {
        std::cout << nlohmann::json({{"owner", keys.owner.hex()},
                                     {"signer", keys.signer.hex()},
                                     {"curve_key", keys.curve.hex()},
                                     {"folder", options.out.string()}})
                         .dump()
                  << "\n";
    } else {
        std::cout << "made three keys in " << options.out.string() << "\n  owner   "
                  << keys.owner.hex()
                  << "   holds the stake; move owner.json off this machine once staked\n  signer  "
                  << keys.signer.hex() << "   signs updates\n  curve   " << keys.curve.hex()
                  << "   secures the connection\n";
    }
    return {};
}

Status enroll(const EnrollOptions& options) {
    FS_ASSIGN(const std::string passphrase, read_passphrase(options.passphrase_file));
    FS_ASSIGN(const PublicKeys keys, read_public_keys(options.keys));
    FS_ASSIGN(const crypto::SigningKey owner, read_owner_key(options.keys, passphrase));
    FS_ASSIGN(const crypto::SigningKey signer, read_signer_key(options.keys, passphrase));
    const manifest::EnrolmentRequest request =
        manifest::make_enrolment({.federation = options.federation,
                                  .owner = owner.address(),
                                  .signer = signer.address(),
                                  .curve_key = keys.curve,
                                  .name = options.name},
                                 options.chain_id, owner, signer);
    FS_TRY(manifest::verify_enrolment(request));
    std::ofstream out(options.out);
    out << manifest::to_json(request);
    out.close();
    if (!out) return fail(Errc::kUnavailable, "cannot write " + options.out.string());
    const std::string fingerprint = manifest::enrolment_fingerprint(request);
    if (options.json) {
        std::cout
            << nlohmann::json({{"file", options.out.string()}, {"fingerprint", fingerprint}}).dump()
            << "\n";
    } else {
        std::cout << "wrote " << options.out.string()
                  << "\nsend it to the consortium operator, and compare by telephone:\n  "
                  << fingerprint << "\n";
    }
    return {};
}

}  // namespace fedstake::client
