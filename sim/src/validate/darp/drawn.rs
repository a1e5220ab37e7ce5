//! Days of the shape of Cordeau's: drawn by integers alone, so that they are the same everywhere, and written in his format.
//!
//! A square of 20 by 20 minutes around the depot. One half of the riders has to be somewhere in time, the other half wants
//! to be fetched; the other end of each ride has the whole day for its window.

use std::fmt::Write;

use crate::demand::darp::{Instance, read};
use crate::random::{Luck, Purpose};

/// How a day is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Drawn {
    pub name: &'static str,
    pub seed: u64,
    pub vehicles: u32,
    pub requests: u32,
    pub capacity: u32,
    /// 1: everybody alone, and boarding takes three minutes. Else it takes one a person.
    pub party_max: u32,
    /// Minutes.
    pub ride_max: u32,
    /// Of a window; minutes.
    pub width: u32,
}

/// What comes with us: tight windows, parties, loose windows.
pub const DAYS: [Drawn; 3] = [
    Drawn {
        name: "drawn 3-24",
        seed: 1,
        vehicles: 3,
        requests: 24,
        capacity: 3,
        party_max: 1,
        ride_max: 30,
        width: 15,
    },
    Drawn {
        name: "drawn 4-36",
        seed: 2,
        vehicles: 4,
        requests: 36,
        capacity: 6,
        party_max: 6,
        ride_max: 45,
        width: 15,
    },
    Drawn {
        name: "drawn 5-48",
        seed: 3,
        vehicles: 5,
        requests: 48,
        capacity: 4,
        party_max: 1,
        ride_max: 60,
        width: 60,
    },
];

/// How long vehicles are out; minutes.
const DAY: u32 = 480;
/// Windows begin and end so far from its ends.
const MARGIN: u32 = 60;
/// Of the square, from its middle, in thousandths of a minute.
const SIDE: i64 = 10_000;

impl Drawn {
    /// As a file has it.
    pub fn text(&self) -> String {
        let Drawn { vehicles, requests, capacity, ride_max, .. } = *self;
        let mut text = format!("{vehicles} {requests} {DAY} {capacity} {ride_max}\n0 0.000 0.000 0 0 0 {DAY}\n");
        for (end, sign) in ["", "-"].into_iter().enumerate() {
            (0..requests).for_each(|request| self.node(request, end as u32, sign, &mut text));
        }
        text
    }

    pub fn instance(&self) -> Instance {
        read(&self.text()).expect("it is written as it is read")
    }

    fn node(&self, request: u32, end: u32, sign: &str, text: &mut String) {
        let Drawn { requests, party_max, width, .. } = *self;
        let luck = Luck::new(self.seed);
        let draw = |purpose, number, bound: u32| luck.draw(request.into(), purpose, number).below(bound.into());
        let place = if end == 0 { Purpose::Origin } else { Purpose::Destination };
        let [x, y] = [0, 1].map(|axis| decimal(draw(place, axis, 2 * SIDE as u32 + 1) as i64 - SIDE));
        let party = 1 + draw(Purpose::Party, 0, party_max);
        let service = if party_max == 1 { 3 } else { party };
        let earliest = u64::from(MARGIN) + draw(Purpose::Minute, 0, DAY - 2 * MARGIN - width + 1);
        let is_meant = (end == 1) == (request < requests / 2);
        let (earliest, latest) = if is_meant { (earliest, earliest + u64::from(width)) } else { (0, DAY.into()) };
        let number = 1 + request + end * requests;
        writeln!(text, "{number} {x} {y} {service} {sign}{party} {earliest} {latest}").expect("a text takes all");
    }
}

fn decimal(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    format!("{sign}{}.{:03}", thousandths.abs() / 1000, thousandths.abs() % 1000)
}
