//! What a service costs, in whole yen: by what was driven, how long drivers were on duty, and how many vehicles stood ready.

use mukae_config::Table;

use crate::results::Figures;

/// More yen than any of these is a slip of the pen, and sums stay far from overflowing.
const YEN_MAX: i64 = 10_000_000;
const MILLIMETRES_PER_KM: i128 = 1_000_000;
const MILLIS_PER_HOUR: i128 = 3_600_000;
/// Both divide it.
const PARTS: i128 = 18_000_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cost {
    pub yen_per_km: i64,
    pub yen_per_driver_hour: i64,
    pub yen_per_vehicle_day: i64,
    /// What every rider who was carried paid.
    pub fare_yen: i64,
}

impl Cost {
    pub(super) fn read(mut table: Table<'_>) -> Cost {
        let mut yen = |key| table.take(key).and_then(|item| item.whole(0..=YEN_MAX)).unwrap_or(0);
        let cost = Cost {
            yen_per_km: yen("yen_per_km"),
            yen_per_driver_hour: yen("yen_per_driver_hour"),
            yen_per_vehicle_day: yen("yen_per_vehicle_day"),
            fare_yen: yen("fare_yen"),
        };
        table.close();
        cost
    }

    /// In parts of a yen, exactly.
    fn parts(&self, figures: &Figures) -> i128 {
        let driven = i128::from(self.yen_per_km) * i128::from(figures.driven_mm) * (PARTS / MILLIMETRES_PER_KM);
        let duty = i128::from(self.yen_per_driver_hour) * i128::from(figures.shift_ms) * (PARTS / MILLIS_PER_HOUR);
        let ready = i128::from(self.yen_per_vehicle_day) * i128::from(figures.vehicle_days) * PARTS;
        driven + duty + ready
    }

    pub fn cost_yen(&self, figures: &Figures) -> i64 {
        rounded(self.parts(figures), PARTS)
    }

    pub fn fares_yen(&self, figures: &Figures) -> i64 {
        self.fare_yen * figures.riders_served
    }

    /// Of a served ride; `None` if there was none.
    pub fn cost_per_trip(&self, figures: &Figures) -> Option<i64> {
        (0 < figures.served).then(|| rounded(self.parts(figures), PARTS * i128::from(figures.served)))
    }

    /// What is left to pay for a served ride after fares; negative if fares paid for more than it cost.
    pub fn subsidy_per_trip(&self, figures: &Figures) -> Option<i64> {
        let left = self.parts(figures) - i128::from(self.fares_yen(figures)) * PARTS;
        (0 < figures.served).then(|| rounded(left, PARTS * i128::from(figures.served)))
    }
}

/// Half a yen is one.
fn rounded(parts: i128, whole: i128) -> i64 {
    let yen = (2 * parts + whole).div_euclid(2 * whole);
    i64::try_from(yen).expect("costs are bounded: YEN_MAX")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_exact_to_the_yen() {
        let cost = Cost { yen_per_km: 30, yen_per_driver_hour: 1500, yen_per_vehicle_day: 4000, fare_yen: 300 };
        let figures = Figures {
            driven_mm: 100_500_000,
            shift_ms: 8 * 3_600_000 + 1_800_000,
            vehicle_days: 2,
            served: 7,
            riders_served: 9,
            ..Figures::default()
        };
        // 3,015 + 12,750 + 8,000
        assert_eq!(cost.cost_yen(&figures), 23_765);
        assert_eq!(cost.cost_per_trip(&figures), Some(3_395));
        assert_eq!(cost.subsidy_per_trip(&figures), Some(3_009), "(23,765 - 2,700) / 7 = 3,009.3");
        assert_eq!(cost.cost_per_trip(&Figures { served: 0, ..figures }), None);
        let free = Cost { fare_yen: 300, ..Cost::default() };
        assert_eq!(free.subsidy_per_trip(&figures), Some(-386), "-2,700 / 7 = -385.7");
    }
}
