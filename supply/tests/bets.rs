//! What becomes of vehicles that were sent ahead, by their records.

mod support;

use std::collections::BTreeMap;

use mukae_engine::model::{Channel, Outlook};
use mukae_engine::{Aim, Command, Endogenous, Exogenous};
use mukae_supply::{Bets, Settled, Tally, Trust};
use mukae_units::{Metres, ShiftId, Span, Time};
use support::{mins, offer, request};

const LENGTH: Metres = Metres::from_metres(2000);

/// An hour is looked ahead.
#[derive(Default)]
struct Area {
    bets: Bets,
    settled: Vec<Settled>,
}

impl Area {
    fn new() -> Area {
        let mut area = Area::default();
        let outlook = Outlook { expected: Vec::new(), within: Span::HOUR, until: mins(0) };
        area.tell(mins(0), Command::Foresee(outlook.into()), &[]);
        area
    }

    fn tell(&mut self, at: Time, command: Command, decided: &[Endogenous]) {
        let told = Exogenous { at, command };
        self.bets.observe(&told, decided.iter(), &mut |settled| self.settled.push(settled));
    }

    fn send(&mut self, at: i64, shift: u32, expected: u32) {
        let aim = Aim::Post { post: 0, gain: 1, expected };
        let order = Endogenous::RepositioningOrdered { shift: ShiftId(shift), aim, length: LENGTH };
        self.tell(mins(at), Command::AdvanceClock, &[order]);
    }

    /// Somebody asks at a time for another one, and this shift is the best.
    fn ask(&mut self, at: i64, wished: i64, shift: u32) {
        let request = request(0, Channel::Phone, wished);
        let mut offer = offer(1, 1, &request);
        offer.shift = ShiftId(shift);
        self.tell(mins(at), Command::Quote(request), &[Endogenous::OfferMade(offer)]);
    }

    /// When, whether right, and what was awaited.
    fn settled(&self) -> Vec<(Time, bool, i64)> {
        self.settled.iter().map(|settled| (settled.at, settled.is_right, settled.awaited())).collect()
    }
}

#[test]
fn who_is_asked_for_in_time_was_right() {
    let mut area = Area::new();
    area.send(10, 1, 800);
    area.ask(25, 25, 2);
    assert_eq!(area.settled(), [], "another vehicle");
    area.ask(30, 200, 1);
    assert_eq!(area.settled(), [], "for much later");
    area.ask(40, 40, 1);
    assert_eq!(area.settled(), [(mins(40), true, 400)], "half of the hour was waited");
    area.ask(45, 45, 1);
    assert_eq!(area.settled.len(), 1, "a bet is won once");
}

#[test]
fn time_shifts_and_further_moves_end_it() {
    let mut area = Area::new();
    area.send(10, 1, 800);
    area.ask(71, 71, 1);
    assert_eq!(area.settled(), [(mins(70), false, 800)]);
    area.send(80, 1, 600);
    area.send(95, 1, 300);
    assert_eq!(area.settled()[1..], [(mins(95), false, 150)], "a quarter was waited");
    let ended = Endogenous::ShiftEnded { shift: ShiftId(1) };
    area.tell(mins(115), Command::CloseShift { shift: ShiftId(1) }, &[ended]);
    assert_eq!(area.settled()[2..], [(mins(115), false, 100)]);
    area.send(120, 2, 500);
    let base = Endogenous::RepositioningOrdered { shift: ShiftId(2), aim: Aim::Base, length: LENGTH };
    area.tell(mins(126), Command::AdvanceClock, &[base]);
    assert_eq!(area.settled()[3..], [(mins(126), false, 50)]);
    assert_eq!(area.bets.open().count(), 0, "back to base is no bet");
    let mut tally = Tally::default();
    area.settled.iter().for_each(|settled| tally.add(settled));
    assert_eq!((tally.bets, tally.right, tally.awaited), (4, 0, 1100));
    // one less e to the minus 0.8, 0.6, 0.3 and 0.5
    assert_eq!(tally.claimed, 551 + 451 + 259 + 393);
    assert_eq!(tally.length, Metres::from_metres(8000));
}

struct Dice(u64);

impl Dice {
    /// SplitMix64, as a fraction.
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Requests come by the rate that is claimed, or by another; vehicles are sent again whenever chance will have it.
#[test]
fn what_was_awaited_is_what_came_however_often_vehicles_are_moved() {
    for (really, least, most) in [(1.0, 970, 1000), (0.5, 480, 520), (2.0, 1000, 1000)] {
        let (mut area, mut dice) = (Area::new(), Dice(7));
        let (mut now, mut trust) = (0, Trust::default());
        let mut rates: BTreeMap<u32, f64> = BTreeMap::new();
        while area.settled.len() < 20_000 {
            now += 1;
            for shift in 1..4 {
                if dice.roll() < rates.get(&shift).copied().unwrap_or(0.0) * really {
                    area.ask(now, now, shift);
                }
                if dice.roll() < 0.03 {
                    let expected = 100.0 + 1500.0 * dice.roll();
                    rates.insert(shift, expected / 1000.0 / 60.0);
                    area.send(now, shift, expected as u32);
                }
            }
        }
        area.settled.iter().for_each(|settled| trust.learn(settled));
        let permille = trust.permille();
        assert!((least..=most).contains(&permille), "{permille} of a thousand at {really} times the rate");
    }
}

/// Few bets say little, and old ones less than new ones.
#[test]
fn trust_comes_and_fades() {
    let mut area = Area::new();
    area.send(0, 1, 1000);
    area.ask(61, 61, 2);
    let mut trust = Trust::default();
    assert_eq!(trust.permille(), 1000, "before any bet");
    trust.learn(&area.settled[0]);
    assert_eq!(trust.permille(), 20_000 / 21);
    (0..59).for_each(|_| trust.learn(&area.settled[0]));
    assert_eq!(trust.permille(), 250, "20 of 80");
    (0..46).for_each(|_| trust.fade());
    assert!((395..=405).contains(&trust.permille()), "half of it is forgotten: {}", trust.permille());
}
