//! The room seen from outside: values, records, scribes, and the files of older versions.

mod dice;
mod town;
mod values;

mod drawn;
mod golden;
mod hostile;
mod repeats;
mod replay;
mod round_trip;
