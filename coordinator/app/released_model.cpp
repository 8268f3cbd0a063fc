// Writes the final shared parameters as a safetensors file.
#include "coordinator/app/released_model.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "coordinator/store/data_dir.hpp"
#include "proto/crypto/sha256.hpp"

namespace fedstake::coordinator {

namespace {

Bytes make_header(const std::vector<SharedTensor>& tensors,
                  const std::map<std::string, std::string>& metadata) {
    nlohmann::ordered_json header;
    header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const SharedTensor& tensor : tensors) {
        header[tensor.name] = {{"dtype", "F32"},
                               {"shape", tensor.shape},
                               {"data_offsets", {offset, offset + tensor.count * 4}}};
        offset += tensor.count * 4;
    }
    std::string json = header.dump();
    json.append((8 - json.size() % 8) % 8, ' ');  // tensors start at a multiple of eight
    Bytes bytes;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        bytes.push_back(static_cast<std::uint8_t>(std::uint64_t{json.size()} >> shift));
    }
    bytes.insert(bytes.end(), json.begin(), json.end());
    return bytes;
}

// Appends to a file and its digest.
class Sink {
public:
    Sink(const std::filesystem::path& path, int fd) : path_(path), fd_(fd) {}
    ~Sink() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    [[nodiscard]] Status append(ByteView bytes) {
        hash_.update(bytes);
        total_ += bytes.size();
        while (!bytes.empty()) {
            const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
            if (written < 0) {
                return fail(Errc::kUnavailable,
                            path_.string() + ": cannot be written: " + std::strerror(errno));
            }
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return {};
    }
    [[nodiscard]] Status sync() {
        if (::fsync(fd_) != 0) {
            return fail(Errc::kUnavailable,
                        path_.string() + ": fsync failed: " + std::strerror(errno));
        }
        return {};
    }
    [[nodiscard]] ReleasedFile finish() { return {.sha256 = hash_.finish(), .bytes = total_}; }

private:
    std::filesystem::path path_;
    int fd_;
    crypto::Sha256 hash_;
    std::uint64_t total_ = 0;
};

}  // namespace

Result<ReleasedFile> write_released_model(const std::filesystem::path& out,
                                          const std::filesystem::path& vector_file,
                                          const std::vector<SharedTensor>& tensors,
                                          const std::map<std::string, std::string>& metadata) {
    std::uint64_t expected = 0;
    for (const SharedTensor& tensor : tensors) {
        expected += tensor.count * 4;
    }
    std::ifstream in(vector_file, std::ios::binary);
    std::error_code error;
    if (!in || std::filesystem::file_size(vector_file, error) != expected) {
        return fail(Errc::kInvalidInput,
                    fmt::format("{}: is not a model of {} bytes", vector_file.string(), expected));
    }
    std::filesystem::path part = out;
    part += ".part";
    const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        return fail(Errc::kUnavailable,
                    part.string() + ": cannot be made: " + std::strerror(errno));
    }
    Sink sink(part, fd);
    FS_TRY(sink.append(make_header(tensors, metadata)));
    Bytes piece(std::size_t{1} << 20U);
    for (std::uint64_t left = expected; left > 0;) {
        const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece.size()));
        in.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(take));
        if (!in) {
            return fail(Errc::kUnavailable, vector_file.string() + ": cannot be read");
        }
        FS_TRY(sink.append(ByteView(piece).first(take)));
        left -= take;
    }
    FS_TRY(sink.sync());
    std::filesystem::rename(part, out, error);
    if (error) {
        return fail(Errc::kUnavailable, out.string() + ": cannot be renamed: " + error.message());
    }
    FS_TRY(store::sync_folder(out.parent_path().empty() ? "." : out.parent_path()));
    return sink.finish();
}

}  // namespace fedstake::coordinator
