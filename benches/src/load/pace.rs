//! When calls leave: at random instants, whatever becomes of the ones before.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::Dice;

/// One call that is due, numbered from 0.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub number: usize,
    /// When it was to leave; its time counts from here.
    pub at: Instant,
}

/// The instants of a Poisson process of so many a second, from its beginning.
pub fn instants(rate: f64, length: Duration, dice: &mut Dice) -> Vec<Duration> {
    let mut instants = Vec::new();
    let mut at = 0.0;
    loop {
        let share = (dice.below(1 << 53) as f64 + 1.0) / (1_u64 << 53) as f64; // (0, 1]
        at -= share.ln() / rate;
        if length.as_secs_f64() <= at {
            return instants;
        }
        instants.push(Duration::from_secs_f64(at));
    }
}

/// Tells each instant when it comes, from a thread of its own: timers of the runtime are a millisecond coarse.
pub fn tell(instants: Vec<Duration>) -> mpsc::UnboundedReceiver<Due> {
    let (told, due) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let start = Instant::now();
        for (number, from_start) in instants.into_iter().enumerate() {
            let at = start + from_start;
            while let Some(left) = at.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                #[expect(clippy::disallowed_methods, reason = "a thread of its own that has nothing else to do")]
                std::thread::sleep(left);
            }
            if told.send(Due { number, at }).is_err() {
                return; // the run was given up
            }
        }
    });
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_as_many_as_the_rate_says_and_in_order() {
        let instants = instants(1000.0, Duration::from_secs(20), &mut Dice(3));
        assert!((19_400..20_600).contains(&instants.len()), "{}", instants.len());
        assert!(instants.is_sorted());
    }
}
