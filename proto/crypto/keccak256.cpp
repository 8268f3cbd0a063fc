// Keccak-256 over Crypto++ (OpenSSL 3.0 has only the FIPS 202 padding).
#include "proto/crypto/keccak256.hpp"

#include <cryptopp/keccak.h>

namespace fedstake::crypto {

Digest keccak256(ByteView bytes) {
    return keccak256({bytes});
}

Digest keccak256(std::initializer_list<ByteView> parts) {
    CryptoPP::Keccak_256 hasher;
    for (const ByteView part : parts) {
        if (!part.empty()) hasher.Update(part.data(), part.size());
    }
    Digest digest;
    hasher.Final(digest.bytes.data());
    return digest;
}

}  // namespace fedstake::crypto
