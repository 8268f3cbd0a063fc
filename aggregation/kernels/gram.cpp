// Chooses between bytes and doubles when a matrix is made.
#include "aggregation/kernels/gram.hpp"

#include <type_traits>

#include "aggregation/kernels/gram_panel.hpp"
#include "aggregation/kernels/targets.hpp"

namespace fedstake::aggregation::kernels {
namespace {

// Measured: groups of 16 are too coarse for fewer rows.
constexpr std::size_t kByteRowsMin = 24;

bool by_bytes(std::size_t rows) {
    return rows >= kByteRowsMin && uses_byte_tiles();
}

}  // namespace

std::uint32_t largest_magnitude(const std::int32_t* values, std::size_t count) {
    return panel::magnitude(values, count);
}

Gram::Gram(std::size_t rows, std::size_t panel_columns)
    : gram_(by_bytes(rows) ? std::variant<DoubleGram, ByteGram>(std::in_place_type<ByteGram>, rows,
                                                                panel_columns)
                           : std::variant<DoubleGram, ByteGram>(std::in_place_type<DoubleGram>,
                                                                rows, panel_columns)) {}

std::size_t Gram::bytes(std::size_t rows, std::size_t panel_columns) {
    return by_bytes(rows) ? ByteGram::bytes(rows, panel_columns)
                          : DoubleGram::bytes(rows, panel_columns);
}

std::size_t Gram::best_panel_columns(std::size_t rows) {
    return by_bytes(rows) ? ByteGram::best_panel_columns(rows)
                          : DoubleGram::best_panel_columns(rows);
}

void Gram::fill(std::size_t row, const std::int32_t* values, std::size_t columns) {
    std::visit([&](auto& gram) { gram.fill(row, values, columns); }, gram_);
}

void Gram::multiply(std::span<const std::int32_t* const> next, std::size_t next_columns) {
    if (auto* const doubles = std::get_if<DoubleGram>(&gram_)) {
        doubles->multiply(next, next_columns);
    } else {
        std::get<ByteGram>(gram_).multiply();
    }
}

void Gram::add(const Gram& other) noexcept {
    std::visit(
        [&](auto& gram) {
            gram.add(std::get<std::remove_reference_t<decltype(gram)>>(other.gram_));
        },
        gram_);
}

SignedWide Gram::inner(std::size_t i, std::size_t j) const noexcept {
    return std::visit([&](const auto& gram) { return gram.inner(i, j); }, gram_);
}

}  // namespace fedstake::aggregation::kernels
