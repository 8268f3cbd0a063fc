// The coordinator's keys and passphrase.
#include "coordinator/app/keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "proto/crypto/random.hpp"

namespace fedstake::coordinator {

namespace {

constexpr const char* kSignerFile = "coordinator.json";
constexpr const char* kCurveFile = "curve.json";
constexpr std::size_t kPassphraseBytesMax = 1024;

Result<std::string> first_line(int fd, const std::string& name) {
    std::string text;
    char next = 0;
    while (text.size() <= kPassphraseBytesMax) {
        const ssize_t got = ::read(fd, &next, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(Errc::kUnavailable, name + ": cannot be read: " + std::strerror(errno));
        }
        if (got == 0 || next == '\n') {
            break;
        }
        text.push_back(next);
    }
    if (!text.empty() && text.back() == '\r') {
        text.pop_back();
    }
    if (text.empty() || text.size() > kPassphraseBytesMax) {
        return fail(Errc::kInvalidInput,
                    name + ": the passphrase must have 1 to 1024 characters on one line");
    }
    return text;
}

Result<std::string> from_file(const std::filesystem::path& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(Errc::kNotFound, file.string() + ": cannot be opened: " + std::strerror(errno));
    }
    struct stat info {};
    if (::fstat(fd, &info) == 0 && (info.st_mode & 077U) != 0) {
        ::close(fd);
        return fail(Errc::kUnauthorized,
                    file.string() + ": others may read the passphrase: chmod 600 " + file.string());
    }
    auto line = first_line(fd, file.string());
    ::close(fd);
    return line;
}

}  // namespace

Result<PublicKeys> make_keys(const std::filesystem::path& folder, std::string_view passphrase,
                             const crypto::KeystoreCost& cost) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return fail(Errc::kUnavailable, folder.string() + ": cannot be made: " + error.message());
    }
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    const crypto::SigningKey signer = crypto::SigningKey::generate();
    const transport::CurveKeyPair curve = transport::generate_curve_keys();
    FS_TRY(crypto::write_keystore(folder / kSignerFile, signer, passphrase, cost));
    FS_TRY(crypto::write_secret(folder / kCurveFile, curve.secret_key.span(), passphrase, cost));
    return PublicKeys{.signer = signer.address(), .curve = curve.public_key};
}

Result<Keys> read_keys(const std::filesystem::path& folder, std::string_view passphrase) {
    FS_ASSIGN(auto signer, crypto::read_keystore(folder / kSignerFile, passphrase));
    FS_ASSIGN(const auto curve, crypto::read_secret(folder / kCurveFile, passphrase));
    return Keys{.signer = std::move(signer), .curve = transport::CurveSecretKey(curve)};
}

Result<std::string> read_passphrase(const PassphraseSource& source) {
    if (source.fd >= 0) {
        return first_line(source.fd, "passphrase descriptor " + std::to_string(source.fd));
    }
    if (!source.file.empty()) {
        return from_file(source.file);
    }
    if (const char* text = std::getenv("FEDSTAKE_PASSPHRASE"); text != nullptr && *text != '\0') {
        return std::string(text);
    }
    return fail(Errc::kNotFound,
                "no passphrase: set passphrase_file in coordinator.toml, give --passphrase-file or "
                "--passphrase-fd, or set FEDSTAKE_PASSPHRASE");
}

}  // namespace fedstake::coordinator
