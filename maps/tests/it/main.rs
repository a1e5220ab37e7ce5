//! From extracts to maps, on drawn towns, on damaged files and on the two islands kept in `maps/data`.

mod bounds;
mod bundled;
mod corpus;
mod damage;
mod drawn;
mod faults;
mod obeyed;
mod places;
mod profiles;
mod restrictions;
mod stored;
mod support;
mod truth;
