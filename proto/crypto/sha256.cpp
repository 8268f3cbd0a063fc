// SHA-256 through one reused EVP context a thread: fetching or allocating per call costs more than
// hashing a small message does.
#include "proto/crypto/sha256.hpp"

#include <openssl/evp.h>

#include "proto/base/check.hpp"

namespace fedstake::crypto {

namespace {

const EVP_MD* algorithm() noexcept {
    static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    FS_CHECK(fetched != nullptr);
    return fetched;
}

class Context {
public:
    Context() noexcept : context_(EVP_MD_CTX_new()) { FS_CHECK(context_ != nullptr); }
    ~Context() { EVP_MD_CTX_free(context_); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    void begin() noexcept { FS_CHECK(EVP_DigestInit_ex2(context_, algorithm(), nullptr) == 1); }
    void update(ByteView bytes) noexcept {
        FS_CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
    }
    [[nodiscard]] Digest finish() noexcept {
        Digest digest;
        FS_CHECK(EVP_DigestFinal_ex(context_, digest.bytes.data(), nullptr) == 1);
        return digest;
    }

private:
    EVP_MD_CTX* context_;
};

Context& thread_context() noexcept {
    thread_local Context context;
    return context;
}

}  // namespace

Digest sha256(ByteView bytes) noexcept {
    return sha256({bytes});
}

Digest sha256(std::initializer_list<ByteView> parts) noexcept {
    Context& context = thread_context();
    context.begin();
    for (const ByteView part : parts) context.update(part);
    return context.finish();
}

struct Sha256::Impl {
    Context context;
    bool finished = false;
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
    impl_->context.begin();
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(ByteView bytes) noexcept {
    FS_CHECK(impl_ != nullptr && !impl_->finished);
    impl_->context.update(bytes);
}

Digest Sha256::finish() noexcept {
    FS_CHECK(impl_ != nullptr && !impl_->finished);
    impl_->finished = true;
    return impl_->context.finish();
}

}  // namespace fedstake::crypto
