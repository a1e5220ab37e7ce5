//! What the desk is shown: suggestions, which are what is decided, and consequences, which are what becomes of it.

use std::collections::BTreeSet;

use mukae_engine::event::Breach;
use mukae_engine::model::{Break, Limit};
use mukae_engine::suggestion::CostTerm;
use mukae_engine::{
    Answer, Command, Consequence, Fit, Move, MoveTo, Placement, Rejection, State, Subject, Suggestion, Suggestions,
    Verdict, Work,
};
use mukae_units::{BookingId, Span, Time};

use crate::day::Day;
use crate::worsened::predictions;

impl Day {
    /// Some bookings to other shifts, to certain places, to nobody; now and then impossible.
    pub fn assign(&mut self) -> Command {
        let mut moves = Vec::new();
        for _ in 0..1 + self.dice.below(3) {
            let (booking, shift) = (self.booking(), self.shift());
            let to = match self.dice.below(10) {
                0 => MoveTo::Nowhere,
                1..=5 => MoveTo::Into(shift),
                _ => {
                    let [before_pickup, before_dropoff] = [0, 1].map(|_| Some(self.stop_of(shift)).flatten());
                    MoveTo::At { shift, before_pickup, before_dropoff, overrules: self.dice.chance(60) }
                }
            };
            moves.push(Move { booking, to });
        }
        if self.dice.chance(95) {
            let mut named = BTreeSet::new();
            moves.retain(|one| named.insert(one.booking));
        }
        Command::Assign { moves }
    }

    /// Mostly one that is there.
    fn stop_of(&mut self, shift: mukae_units::ShiftId) -> Option<mukae_units::StopId> {
        let stops = self.dispatcher.state().schedules.get(&shift).map_or(Vec::new(), |one| one.stops().to_vec());
        let stop = stops.get(self.dice.below(stops.len() as u64 + 1) as usize).map(|stop| stop.id);
        if self.dice.chance(3) { Some(self.stop()) } else { stop }
    }

    pub fn interrupt(&mut self) -> Command {
        let window = mukae_units::TimeWindow::new(self.now, self.now).expect("in order");
        let Break { place, window, length, .. } = self.rest(window);
        Command::InterruptShift { shift: self.shift(), place, window, length }
    }

    /// Now and then, before something is decided: what is suggested for it, and for some booking.
    pub fn check_suggestions(&mut self, command: &Command) {
        if let Command::Quote(request) = command
            && self.dice.chance(30)
        {
            let suggested =
                self.dispatcher.suggest(self.now, Subject::Request(request), &mut Work::new(&mut self.city));
            let decided = self.dispatcher.decide(self.now, command, &mut Work::new(&mut self.city));
            match (suggested, decided.answer) {
                (Ok(suggested), Answer::Offered(offers)) => {
                    let best = &offers[0];
                    let (first, fit) = suggested.best().unwrap_or_else(|| panic!("{best:#?} but {suggested:#?}"));
                    assert_eq!(
                        (first.shift, fit.cost, fit.access, fit.pickup, fit.dropoff),
                        (best.shift, best.cost, best.access, best.pickup, best.dropoff),
                        "{suggested:#?}"
                    );
                    self.check_fits(&suggested);
                }
                (Ok(suggested), Answer::Refused(refusal)) => {
                    assert!(suggested.best().is_none(), "{suggested:#?} but {refusal:?}");
                    assert!(suggested.rule.is_empty() || suggested.rule == refusal.binding);
                    self.check_fits(&suggested);
                }
                (Err(why), Answer::Rejected(rejection)) => assert_eq!(why, rejection),
                (suggested, answer) => panic!("{suggested:#?} but {answer:?}"),
            }
        }
        if self.dice.chance(2) {
            let booking = self.booking();
            let suggested =
                self.dispatcher.suggest(self.now, Subject::Booking(booking), &mut Work::new(&mut self.city));
            let Ok(suggested) = suggested else { return };
            self.check_fits(&suggested);
            suggested.candidates.iter().for_each(|one| self.check_assignable(booking, one));
        }
    }

    /// Terms are the cost, and the best come first.
    fn check_fits(&mut self, suggested: &Suggestions) {
        assert!(suggested.rule.is_empty() || suggested.candidates.is_empty());
        let is_fit = |one: &Suggestion| matches!(one.verdict, Verdict::Fits(_));
        assert!(suggested.candidates.is_sorted_by_key(|one| !is_fit(one)), "{suggested:#?}");
        for one in &suggested.candidates {
            let fit = match &one.verdict {
                Verdict::Fits(fit) => fit,
                Verdict::Misses { binding, by_hand } => {
                    assert!(!binding.is_empty(), "{suggested:#?}");
                    let Some(fit) = by_hand else { continue };
                    assert!(fit.placement.overrules);
                    fit
                }
            };
            assert_eq!(fit.terms.iter().map(CostTerm::cost).sum::<i64>(), fit.cost, "{fit:#?}");
            assert!(fit.pickup <= fit.boarded && fit.pickup <= fit.dropoff, "{fit:#?}");
            self.suggested += 1;
        }
    }

    /// What is suggested can be done as it is, and what is said to bind does.
    fn check_assignable(&mut self, booking: BookingId, one: &Suggestion) {
        let mut decide = |to: MoveTo| {
            let command = Command::Assign { moves: vec![Move { booking, to }] };
            self.dispatcher.decide(self.now, &command, &mut Work::new(&mut self.city)).answer
        };
        let at = |fit: &Fit, overrules: bool| {
            let Placement { shift, .. } = fit.placement;
            MoveTo::At { shift, before_pickup: fit.before.0, before_dropoff: fit.before.1, overrules }
        };
        match &one.verdict {
            Verdict::Fits(fit) => {
                for to in [at(fit, false), MoveTo::Into(one.shift)] {
                    let answer = decide(to);
                    assert!(matches!(answer, Answer::Changed(_)), "{answer:?} to {to:?}: {one:#?}");
                }
            }
            Verdict::Misses { binding, by_hand } => {
                let answer = decide(MoveTo::Into(one.shift));
                assert_eq!(answer, Answer::Rejected(Rejection::MoveRefused { booking, binding: binding.clone() }));
                if let Some(fit) = by_hand {
                    assert!(matches!(decide(at(fit, false)), Answer::Rejected(Rejection::MoveRefused { .. })));
                    let answer = decide(at(fit, true));
                    assert!(matches!(answer, Answer::Changed(_)), "{answer:?}: {one:#?}");
                    self.overruled += 1;
                }
            }
        }
    }
}

/// Every limit that is missed by more than before is told with what it is by, and nothing else is; so are moves.
pub fn check_told(before: &State, after: &State, now: Time, told: &[Consequence]) {
    let (old, new) = (predictions(before, now), predictions(after, now));
    let mut expected = BTreeSet::new();
    for (&(booking, limit), &by) in &new {
        let boarded_once = limit == Limit::Pickup && before.bookings[&booking].boarded_at.is_some();
        let by_before = old.get(&(booking, limit)).copied().unwrap_or(Span::ZERO).max(Span::ZERO);
        if !boarded_once && by_before < by {
            expected.insert((booking, limit, by));
        }
    }
    let breach = |one: &Consequence| match *one {
        Consequence::Breaks { booking, breach } => Some((booking, breach.limit(), by(breach))),
        _ => None,
    };
    let breaches: Vec<_> = told.iter().filter_map(breach).collect();
    assert_eq!(breaches.len(), expected.len(), "told {told:?}, expected {expected:?}");
    assert_eq!(breaches.into_iter().collect::<BTreeSet<_>>(), expected, "{told:?}");

    let moved = before.bookings.values().filter_map(|was| {
        let is = after.bookings.get(&was.id)?;
        (is.shift.is_some() && is.shift != was.shift).then_some((was.id, was.shift, is.shift))
    });
    let told_moved = told.iter().filter_map(|one| match *one {
        Consequence::Moved { booking, from, to } => Some((booking, from, Some(to))),
        _ => None,
    });
    assert_eq!(told_moved.collect::<BTreeSet<_>>(), moved.collect::<BTreeSet<_>>(), "{told:?}");
    for left in before.bookings.values().filter(|was| was.shift.is_some()) {
        let has_none = after.bookings.get(&left.id).is_some_and(|is| is.shift.is_none() && !is.state.is_final());
        let is_told = told.iter().any(|one| {
            matches!(*one, Consequence::Unassigned { booking } | Consequence::Stranded { booking } if booking == left.id)
        });
        assert!(!has_none || is_told, "{} lost its vehicle in silence: {told:?}", left.id);
    }
}

fn by(breach: Breach) -> Span {
    match breach {
        Breach::PickupLate { predicted, promised } | Breach::DropoffLate { predicted, promised } => {
            predicted - promised
        }
        Breach::RideTooLong { predicted, promised } => predicted - promised,
    }
}
