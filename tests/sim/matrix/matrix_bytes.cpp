// Magic numbers and lengths of the formats.
#include "tests/sim/matrix/matrix_bytes.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace fedstake::sim {
namespace {

std::string little_endian(std::uint64_t value, std::size_t bytes) {
    std::string text;
    for (std::size_t k = 0; k < bytes; ++k) {
        text += static_cast<char>(value >> (8 * k) & 0xFFU);
    }
    return text;
}

}  // namespace

std::shared_ptr<const ByteStore> store_of(const std::string& bytes) {
    auto spool = std::make_shared<Spool>();
    EXPECT_TRUE(spool->append(as_bytes(bytes)));
    return spool;
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << bytes;
}

std::string npy(const std::string& header, const std::string& data, unsigned major) {
    return std::string("\x93NUMPY") + static_cast<char>(major) + '\0' +
           little_endian(header.size(), major == 1 ? 2 : 4) + header + data;
}

std::string npy_header(const std::string& descr, const std::string& shape, bool fortran) {
    return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
           ", 'shape': " + shape + ", }          \n";
}

std::string safetensors(const std::string& header, const std::string& data) {
    return little_endian(header.size(), 8) + header + data;
}

Table table_of(const NumberRows& rows) {
    Table table;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        std::vector<double> row(static_cast<std::size_t>(rows.columns()));
        EXPECT_TRUE(rows.read(i, 0, row));
        table.push_back(std::move(row));
    }
    return table;
}

}  // namespace fedstake::sim
