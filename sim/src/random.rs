//! Chance without a sequence: every draw is a pure function of what it is about.
//!
//! A draw is keyed by (seed, entity, purpose, n): the `n`-th draw for this purpose about this rider,
//! shift or leg. So two policies meet the same luck, however differently they spend it, and a draw
//! added for one purpose moves no other. The key is mixed with the finaliser of SplitMix64 (Steele,
//! Lea, Flood: *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014, with Stafford's
//! constants of variant 13).
//!
//! Logarithms and quantiles are computed here, by additions, multiplications, divisions and roots,
//! which every machine rounds alike; those of the C library differ between machines.

use mukae_units::Span;

/// A seed, and with it every draw there will ever be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Luck {
    seed: u64,
}

/// What a draw decides. The number is part of every key: it is never changed and never given twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Purpose {
    // 1 to 15 were those of synthetic days drawn over roads alone. These are left to `validate`, for where a vehicle begins and
    // where a ride goes, and to the days that tests draw in a city.
    Centre = 1,
    Origin = 3,
    Destination = 5,
    Minute = 7,
    WishKind = 8,
    Lead = 10,
    Party = 11,
    DeskDelay = 16,
    Refusal = 17,
    Thinking = 18,
    Cancellation = 19,
    CancellationTime = 20,
    NoShow = 21,
    RiderLate = 22,
    RiderLateness = 23,
    Dwell = 24,
    DriverSilence = 25,
    DriverRest = 26,
    DriverDelay = 27,
    DriverAnswer = 28,
    LateStart = 29,
    LateStartBy = 30,
    Breakdown = 31,
    BreakdownTime = 32,
    DayPace = 33,
    LegPace = 34,
    /// How much a driver likes to be asked, beyond what the ask is like.
    DriverKeenness = 35,
    EarlyLeave = 36,
    EarlyLeaveBy = 37,
    OldAge = 38,
    AgedDwell = 39,
    /// Whether nothing is heard of a vehicle at the start of a day, and how long that or the opposite lasts.
    PositionsLost = 40,
    PositionsHole = 41,
    /// Synthetic demand: an outing and its ride back.
    OutingCount = 100,
    OutingAim = 101,
    OutingHome = 102,
    OutingDoor = 103,
    OutingTarget = 104,
    VisitedHome = 105,
    VisitedDoor = 106,
    OutingHour = 107,
    OutingSecond = 108,
    ArrivesBy = 109,
    BooksAhead = 110,
    BookingChannel = 111,
    BookingLead = 112,
    BookingMoment = 113,
    PartySize = 114,
    WheelchairUser = 115,
    ComesBack = 116,
    StayLength = 117,
    ReturnBooked = 118,
    /// The seed of a replication, and of one day's demand in it.
    Replication = 1001,
    DemandDay = 1002,
    /// Rows of a table that is used at another volume: whether one more copy, and how much later it asks.
    Copy = 1003,
    CopyShift = 1004,
    /// Whether it snows on a date.
    Snow = 1006,
    /// A block of days in a resample.
    Resample = 1005,
    /// When the next job of a queue comes, and how long it takes: `validate` alone.
    Arrival = 80,
    Service = 81,
    /// The minute of a boarding of which only the hour is known.
    BoardingMinute = 82,
    /// The seed of a search for a better plan.
    Improvement = 83,
}

/// 64 random bits, and the ways to read them. Each draw is read once: two readings of one draw are
/// not independent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Draw(u64);

impl Luck {
    pub const fn new(seed: u64) -> Luck {
        Luck { seed }
    }

    /// The `n`-th draw for `purpose` about `entity`.
    pub const fn draw(self, entity: u64, purpose: Purpose, n: u32) -> Draw {
        let about = ((purpose as u64) << 32) | n as u64;
        Draw(mix(mix(mix(self.seed) ^ entity) ^ about))
    }
}

/// The output function of SplitMix64; a bijection.
const fn mix(state: u64) -> u64 {
    let mut bits = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Draw {
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Uniform in `0..bound`; `bound` must not be zero. Biased by less than `bound / 2^64`.
    pub const fn below(self, bound: u64) -> u64 {
        assert!(0 < bound, "nothing lies below zero");
        ((self.0 as u128 * bound as u128) >> 64) as u64
    }

    /// True in so many of a thousand draws.
    pub const fn happens(self, permille: u32) -> bool {
        self.below(1000) < permille as u64
    }

    /// An index of `cumulative`, whose entries are running sums of weights; the last is not zero.
    pub fn pick(self, cumulative: &[u64]) -> usize {
        let total = *cumulative.last().expect("there is something to pick from");
        let point = self.below(total);
        cumulative.partition_point(|&sum| sum <= point)
    }

    /// Exponential with this mean, in whole milliseconds; never more than 37 means.
    pub fn exponential(self, mean: Span) -> Span {
        let millis = -ln(self.open_unit()) * mean.as_millis() as f64;
        Span::from_millis(millis.round() as i64)
    }

    /// Normal, in whole milliseconds; never further from the mean than 8.3 deviations.
    pub fn normal(self, mean: Span, deviation: Span) -> Span {
        let millis = normal_quantile(self.open_unit()) * deviation.as_millis() as f64;
        mean + Span::from_millis(millis.round() as i64)
    }

    /// Log-normal, in whole milliseconds; `spread` is the deviation of the natural logarithm, in thousandths. Never more than
    /// `e^(8.3 spread)` medians.
    pub fn log_normal(self, median: Span, spread: u32) -> Span {
        let power = normal_quantile(self.open_unit()) * f64::from(spread) / 1000.0;
        let factor = if power <= 0.0 { exp(power) } else { 1.0 / exp(-power) };
        Span::from_millis((median.as_millis() as f64 * factor).round() as i64)
    }

    /// The logarithm of the odds of a uniform draw: below `u` with probability `1 / (1 + e^-u)`.
    pub fn logit(self) -> f64 {
        let p = self.open_unit();
        ln(p) - ln(1.0 - p)
    }

    /// Poisson with this mean. With the same draw, a larger mean never gives less.
    pub fn poisson(self, mean: f64) -> u64 {
        /// Beyond this the normal distribution will do, and the first term of the sum would be no number.
        const SUMMED_MAX: f64 = 500.0;
        let point = self.open_unit();
        if SUMMED_MAX < mean {
            return (mean + normal_quantile(point) * mean.sqrt()).round().max(0.0) as u64;
        }
        let (mut count, mut term) = (0u64, exp(-mean));
        let mut sum = term;
        // Rounding may keep the sum below a point next to 1; the terms vanish all the same.
        while sum < point && 0.0 < term {
            count += 1;
            term *= mean / count as f64;
            sum += term;
        }
        count
    }

    /// Strictly between 0 and 1, with 53 bits.
    fn open_unit(self) -> f64 {
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
}

/// The natural logarithm of a positive normal number, right to 1e-14: `x = m * 2^e`, and the series
/// of the inverse hyperbolic tangent for `ln m`.
pub(crate) fn ln(x: f64) -> f64 {
    debug_assert!(f64::MIN_POSITIVE <= x && x.is_finite(), "no logarithm here for {x}");
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i64 - 1023;
    let mut mantissa = f64::from_bits((bits & MANTISSA) | (1023 << 52));
    if std::f64::consts::SQRT_2 < mantissa {
        mantissa /= 2.0;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for odd in (0..12).rev() {
        sum = sum * square + 1.0 / f64::from(2 * odd + 1);
    }
    2.0 * s * sum + exponent as f64 * std::f64::consts::LN_2
}

/// The exponential of a number that is not positive, right to 1e-12 of the value; zero below -700: `x = -k ln 2 - r`, and the
/// series of `e^-r`.
pub(crate) fn exp(x: f64) -> f64 {
    debug_assert!(x <= 0.0, "no exponential here of {x}");
    if x < -700.0 {
        return 0.0;
    }
    let halvings = (-x / std::f64::consts::LN_2).floor();
    let rest = x + halvings * std::f64::consts::LN_2;
    let series = (1..20).rev().fold(1.0, |sum, n| 1.0 + rest / f64::from(n) * sum);
    series * f64::from_bits((1023 - halvings as u64) << 52)
}

/// The value a standard normal stays below with probability `p`: Acklam's rational approximation,
/// right to 1.2e-9 of the value.
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416, 1.0];
    const TAIL: f64 = 0.024_25;
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * ln(p)).sqrt();
        polynomial(&C, q) / polynomial(&D, q)
    };
    if p < TAIL {
        tail(p)
    } else if 1.0 - TAIL < p {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        q * polynomial(&A, q * q) / polynomial(&B, q * q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These numbers are in every recorded hash: a change here changes every simulated day.
    #[test]
    fn draws_are_what_they_always_were() {
        let bits = |seed, entity, purpose, n| Luck::new(seed).draw(entity, purpose, n).bits();
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf, "the first number of SplitMix64 from seed 0");
        assert_eq!(bits(0, 0, Purpose::Origin, 0), GOLDEN[0]);
        assert_eq!(bits(1, 0, Purpose::Origin, 0), GOLDEN[1]);
        assert_eq!(bits(1, 7, Purpose::StayLength, 3), GOLDEN[2]);
        let draw = Luck::new(1).draw(7, Purpose::StayLength, 3);
        assert_eq!(draw.exponential(Span::HOUR).as_millis(), GOLDEN_MILLIS[0]);
        assert_eq!(draw.normal(Span::HOUR, Span::MINUTE).as_millis(), GOLDEN_MILLIS[1]);
    }

    const GOLDEN: [u64; 3] = [0xc5f4_1547_7975_7850, 0xc057_e793_5c44_e468, 0xb3d7_2fcf_42ff_603a];
    const GOLDEN_MILLIS: [i64; 2] = [1271184, 3631897];

    #[test]
    fn one_part_of_the_key_is_enough_to_differ() {
        let mut seen: Vec<u64> = Vec::new();
        for seed in 0..8 {
            for entity in 0..64 {
                for n in 0..8 {
                    seen.push(Luck::new(seed).draw(entity, Purpose::Origin, n).bits());
                    seen.push(Luck::new(seed).draw(entity, Purpose::BookingLead, n).bits());
                }
            }
        }
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn shares_and_means_come_out() {
        let draws = || (0..100_000u64).map(|entity| Luck::new(5).draw(entity, Purpose::PartySize, 0));
        let mean = |values: &mut dyn Iterator<Item = i64>| values.sum::<i64>() / 100_000;
        assert!((34_500..35_500).contains(&draws().filter(|draw| draw.happens(350)).count()));
        assert!((490..510).contains(&mean(&mut draws().map(|draw| draw.below(1000) as i64))));
        let hour = Span::HOUR.as_millis();
        let exponential = mean(&mut draws().map(|draw| draw.exponential(Span::HOUR).as_millis()));
        assert!((hour * 98 / 100..hour * 102 / 100).contains(&exponential), "{exponential}");
        let minute = Span::MINUTE;
        let normal = |draw: Draw| draw.normal(Span::ZERO, minute).as_millis();
        assert!(mean(&mut draws().map(normal)).abs() < 600);
        let within_one = draws().filter(|&draw| normal(draw).abs() <= minute.as_millis()).count();
        assert!((67_500..69_000).contains(&within_one), "{within_one}");
        let log_normal = |draw: Draw| draw.log_normal(minute, 700).as_millis();
        let around = |factor: f64| draws().filter(|&draw| log_normal(draw) as f64 <= 60_000.0 * factor).count();
        assert!((49_500..50_500).contains(&around(1.0)), "half below the median: {}", around(1.0));
        // one and two deviations of the logarithm: e^0.7 and e^-1.4
        assert!((83_600..84_700).contains(&around(2.013_753)), "{}", around(2.013_753));
        assert!((2_000..2_550).contains(&around(0.246_597)), "{}", around(0.246_597));
        // the mean is the median times e^(0.7^2 / 2)
        let found = mean(&mut draws().map(log_normal)) as f64 / 60_000.0;
        assert!((found - 1.277_621).abs() < 0.02, "{found}");
        assert!(draws().all(|draw| draw.log_normal(minute, 0) == minute));
        let mut picked = [0u32; 3];
        draws().for_each(|draw| picked[draw.pick(&[1, 1, 4])] += 1);
        assert!((24_000..26_000).contains(&picked[0]) && picked[1] == 0, "{picked:?}");
    }

    #[test]
    fn counts_have_their_mean_and_grow_with_it() {
        for mean in [0.0, 0.3, 4.0, 80.0, 499.0, 501.0, 3000.0] {
            let count = |entity| Luck::new(5).draw(entity, Purpose::OutingCount, 0).poisson(mean);
            let counts: Vec<u64> = (0..4000).map(count).collect();
            let found = counts.iter().sum::<u64>() as f64 / 4000.0;
            assert!((found - mean).abs() <= 4.0 * (mean / 4000.0).sqrt(), "{found} for {mean}");
            let variance = counts.iter().map(|&count| (count as f64 - mean).powi(2)).sum::<f64>() / 4000.0;
            assert!((variance - mean).abs() <= 0.12 * mean, "{variance} for {mean}");
            let more = |entity| Luck::new(5).draw(entity, Purpose::OutingCount, 0).poisson(mean * 1.2);
            assert!((0..4000).all(|entity| count(entity) <= more(entity)), "{mean}");
        }
    }

    #[test]
    fn logarithms_and_quantiles_agree_with_the_tables() {
        for x in [1e-300, 1e-17, 0.1, 0.5, 0.999_999, 1.0, 1.414, 1.415, 2.0, 12_345.678] {
            assert!((ln(x) - f64::ln(x)).abs() <= 1e-14 * f64::ln(x).abs().max(1.0), "{x}");
        }
        for x in [-0.0, -1e-9, -0.3, -0.7, -1.0, -20.5, -699.0] {
            assert!((exp(x) - f64::exp(x)).abs() <= 1e-12 * f64::exp(x), "{x}");
        }
        assert_eq!(exp(-1000.0), 0.0);
        for (p, z) in [(0.5, 0.0), (0.975, 1.959_963_985), (0.841_344_746, 1.0), (0.001, -3.090_232_306)] {
            assert!((normal_quantile(p) - z).abs() < 1e-8, "{p}: {}", normal_quantile(p));
        }
    }
}
