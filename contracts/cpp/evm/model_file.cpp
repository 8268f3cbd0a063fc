// One pass over the file.
#include "contracts/cpp/evm/model_file.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "proto/base/bytes.hpp"
#include "proto/crypto/content_tree.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::evm {

namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20U;
constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kHeaderMax = 100'000'000;  // the format's own bound

}  // namespace

Result<ModelFile> read_model_file(const std::filesystem::path& path) {
    const std::string name = path.string();
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        return fail(Errc::kNotFound, name + ": there is no such file");
    }
    const std::uint64_t size = std::filesystem::file_size(path, error);
    std::ifstream in(path, std::ios::binary);
    Bytes length(kLengthBytes);
    if (!in ||
        (size >= kLengthBytes && !in.read(reinterpret_cast<char*>(length.data()), kLengthBytes))) {
        return fail(Errc::kUnavailable, name + ": cannot be read");
    }
    std::uint64_t header = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) header |= std::uint64_t{length[i]} << (8 * i);
    if (size < kLengthBytes || header > kHeaderMax || header > size - kLengthBytes) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}: is no safetensors file: its header would have {} bytes, the "
                                "file has {}",
                                name, size < kLengthBytes ? 0 : header, size));
    }
    crypto::Sha256 file_hash;
    file_hash.update(length);
    crypto::ContentHasher values;
    Bytes piece(kPiece);
    std::uint64_t header_left = header;
    std::uint64_t read = kLengthBytes;
    while (read < size) {
        const auto want = static_cast<std::size_t>(
            std::min<std::uint64_t>(size - read, header_left > 0 ? header_left : kPiece));
        const std::size_t take = std::min(want, kPiece);
        if (!in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(take))) {
            return fail(Errc::kUnavailable, name + ": cannot be read to its end");
        }
        const ByteView bytes = ByteView(piece).first(take);
        file_hash.update(bytes);
        if (header_left > 0) {
            header_left -= take;
        } else {
            values.update(bytes);
        }
        read += take;
    }
    return ModelFile{.path = path,
                     .sha256 = file_hash.finish(),
                     .bytes = size,
                     .values_root = std::move(values).finish().root};
}

std::string cid_of(const Digest& sha256) {
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
    Bytes bytes{0x01, 0x55, 0x12, 0x20};  // version 1, raw, sha2-256 of 32 bytes
    bytes.insert(bytes.end(), sha256.bytes.begin(), sha256.bytes.end());
    std::string text = "b";
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const std::uint8_t byte : bytes) {
        bits = (bits << 8U) | byte;
        count += 8;
        while (count >= 5) {
            count -= 5;
            text.push_back(kAlphabet[(bits >> count) & 31U]);
        }
    }
    if (count > 0) text.push_back(kAlphabet[(bits << (5 - count)) & 31U]);
    return text;
}

}  // namespace fedstake::evm
