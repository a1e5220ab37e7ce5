#![no_main]

use std::cell::RefCell;

use mukae_fuzz::requests::Trial;

thread_local! {
    static TRIAL: RefCell<Trial> = RefCell::default();
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| TRIAL.with_borrow_mut(|trial| trial.request(bytes)));
