// Files of matrices, written by hand for the tests of the readers.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/bytes.hpp"
#include "proto/base/result.hpp"
#include "sim/matrix/byte_store.hpp"
#include "sim/matrix/number_rows.hpp"

namespace fedstake::sim {

[[nodiscard]] std::shared_ptr<const ByteStore> store_of(const std::string& bytes);
void write_file(const std::filesystem::path& path, const std::string& bytes);

// Little-endian bytes of the values.
template <class Value>
[[nodiscard]] std::string raw(const std::vector<Value>& values) {
    std::string bytes(values.size() * sizeof(Value), '\0');
    if (!values.empty()) {
        std::memcpy(bytes.data(), values.data(), bytes.size());
    }
    return bytes;
}

// Version 1.0 with this header text, or 2.0 and 3.0.
[[nodiscard]] std::string npy(const std::string& header, const std::string& data,
                              unsigned major = 1);
// A header as NumPy writes it.
[[nodiscard]] std::string npy_header(const std::string& descr, const std::string& shape,
                                     bool fortran = false);
[[nodiscard]] std::string safetensors(const std::string& header, const std::string& data);

using Table = std::vector<std::vector<double>>;
[[nodiscard]] Table table_of(const NumberRows& rows);

// The message of a failure, "" for a success.
template <class T>
[[nodiscard]] std::string message_of(const Result<T>& result) {
    return result ? std::string() : result.error().message;
}

}  // namespace fedstake::sim
