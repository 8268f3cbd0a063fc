// Counter to uniform to normal to integer.
#include "aggregation/noise.hpp"

#include <algorithm>
#include <cmath>

#include "aggregation/rules/real_math.hpp"
#include "proto/base/check.hpp"

namespace fedstake::aggregation {
namespace {

constexpr int kRounds = 10;
constexpr double kLargest = 2147483647.0;

template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
    double sum = 0.0;
    for (std::size_t k = N; k > 0; --k) {
        sum = sum * x + coefficients[k - 1];
    }
    return sum;
}

// Numerators and denominators of AS 241, from the constant term on.
constexpr std::array kCentreOver{3.3871328727963666080e0, 1.3314166789178437745e2,
                                 1.9715909503065514427e3, 1.3731693765509461125e4,
                                 4.5921953931549871457e4, 6.7265770927008700853e4,
                                 3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr std::array kCentreUnder{1.0,
                                  4.2313330701600911252e1,
                                  6.8718700749205790830e2,
                                  5.3941960214247511077e3,
                                  2.1213794301586595867e4,
                                  3.9307895800092710610e4,
                                  2.8729085735721942674e4,
                                  5.2264952788528545610e3};
constexpr std::array kMiddleOver{1.42343711074968357734e0,  4.63033784615654529590e0,
                                 5.76949722146069140550e0,  3.64784832476320460504e0,
                                 1.27045825245236838258e0,  2.41780725177450611770e-1,
                                 2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array kMiddleUnder{1.0,
                                  2.05319162663775882187e0,
                                  1.67638483018380384940e0,
                                  6.89767334985100004550e-1,
                                  1.48103976427480074590e-1,
                                  1.51986665636164571966e-2,
                                  5.47593808499534494600e-4,
                                  1.05075007164441684324e-9};
constexpr std::array kTailOver{6.65790464350110377720e0,  5.46378491116411436990e0,
                               1.78482653991729133580e0,  2.96560571828504891230e-1,
                               2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array kTailUnder{1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};

// In (0, 1): the middle of one of 2^52 equal parts, exact.
double uniform(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t bits = (std::uint64_t{high} << 32U | low) >> 12U;
    return (static_cast<double>(bits) + 0.5) * 0x1p-52;
}

std::uint32_t word(const Digest& seed, std::size_t index) {
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        value = value << 8U | seed.bytes[4 * index + k];
    }
    return value;
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(const std::array<std::uint32_t, 4>& counter,
                                        const std::array<std::uint32_t, 2>& key) {
    std::array<std::uint32_t, 4> block = counter;
    std::uint32_t key0 = key[0];
    std::uint32_t key1 = key[1];
    for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t product0 = std::uint64_t{0xD2511F53} * block[0];
        const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * block[2];
        block = {static_cast<std::uint32_t>(product1 >> 32U) ^ block[1] ^ key0,
                 static_cast<std::uint32_t>(product1),
                 static_cast<std::uint32_t>(product0 >> 32U) ^ block[3] ^ key1,
                 static_cast<std::uint32_t>(product0)};
        key0 += 0x9E3779B9;
        key1 += 0xBB67AE85;
    }
    return block;
}

double normal_quantile(double share) {
    FS_CHECK(share > 0.0 && share < 1.0);
    const double q = share - 0.5;
    if (std::fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * polynomial(kCentreOver, r) / polynomial(kCentreUnder, r);
    }
    const double r = std::sqrt(-natural_log(q < 0.0 ? share : 1.0 - share));
    const double size = r <= 5.0
                            ? polynomial(kMiddleOver, r - 1.6) / polynomial(kMiddleUnder, r - 1.6)
                            : polynomial(kTailOver, r - 5.0) / polynomial(kTailUnder, r - 5.0);
    return q < 0.0 ? -size : size;
}

void add_noise(const Noise& noise, std::uint64_t first, std::span<std::int32_t> values) {
    FS_CHECK(noise.deviation >= 0.0 && std::isfinite(noise.deviation));
    const std::array<std::uint32_t, 2> key{word(noise.seed, 0), word(noise.seed, 1)};
    for (std::size_t k = 0; k < values.size();) {
        const std::uint64_t coordinate = first + k;
        const std::uint64_t pair = coordinate / 2;
        const std::array<std::uint32_t, 4> block =
            philox4x32({static_cast<std::uint32_t>(pair), static_cast<std::uint32_t>(pair >> 32U),
                        word(noise.seed, 2), word(noise.seed, 3)},
                       key);
        for (std::size_t half = coordinate % 2; half < 2 && k < values.size(); ++half, ++k) {
            const double z = normal_quantile(uniform(block[2 * half], block[2 * half + 1]));
            const double sum =
                static_cast<double>(values[k]) + std::floor(noise.deviation * z + 0.5);
            values[k] = static_cast<std::int32_t>(std::clamp(sum, -kLargest, kLargest));
        }
    }
}

}  // namespace fedstake::aggregation
