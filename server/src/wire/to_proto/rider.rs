//! Riders' records, each reader's part of them.

use mukae_people::{Defaults, Entry, Favourite};
use mukae_proto::google::r#type::LatLng;
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::{Place, Seats};
use mukae_units::{LatLon, Span, Time};

use super::{duration, etag, lat_lng, timestamp};
use crate::names::RiderName;

/// All of it, as the desk sees it.
pub fn rider(name: &RiderName, entry: &Entry) -> pb::Rider {
    let person = &entry.person;
    let mut drawn = pb::Rider {
        name: name.to_string(),
        pseudonym: person.pseudonym.clone(),
        display_name: person.name.clone(),
        kana: person.kana.clone(),
        phone_numbers: person.phones.clone(),
        desk_note: person.desk_note.clone(),
        defaults: Some(defaults(&person.defaults)),
        favorite_places: person.favourites.iter().map(favourite).collect(),
        create_time: Some(timestamp(Time::from_unix_millis(entry.created))),
        update_time: Some(timestamp(Time::from_unix_millis(entry.updated))),
        etag: String::new(),
    };
    drawn.etag = etag(&drawn);
    drawn
}

/// As the rider sees it.
pub fn own_rider(rider: pb::Rider) -> pb::Rider {
    pb::Rider { desk_note: String::new(), ..rider }
}

/// As somebody sees it who fetches the rider: what to call them, how to tell them from others, what to bring. Whoever has to
/// be called is called by the desk.
pub fn rider_to_fetch(rider: pb::Rider) -> pb::Rider {
    let defaults = rider.defaults.unwrap_or_default();
    pb::Rider {
        name: rider.name,
        display_name: rider.display_name,
        kana: rider.kana,
        phone_numbers: rider.phone_numbers.iter().map(|number| masked(number)).collect(),
        defaults: Some(pb::RiderDefaults {
            requirements: defaults.requirements,
            driver_note: defaults.driver_note,
            ..Default::default()
        }),
        ..Default::default()
    }
}

/// All but the last four digits.
fn masked(number: &str) -> String {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let mut seen = 0;
    let shown = number.chars().map(|letter| {
        seen += usize::from(letter.is_ascii_digit());
        if letter.is_ascii_digit() && seen + 4 <= digits { '*' } else { letter }
    });
    shown.collect()
}

fn defaults(defaults: &Defaults) -> pb::RiderDefaults {
    let [seats, wheelchairs, child_seats, luggage, stretchers] = defaults.party.map(i32::from);
    let is_said = defaults.party != [0; 5];
    pb::RiderDefaults {
        party: is_said.then_some(Seats { seats, wheelchairs, child_seats, luggage, stretchers }),
        requirements: defaults.requirements.clone(),
        extra_walk_duration: (defaults.extra_walk_ms != 0).then(|| duration(Span::from_millis(defaults.extra_walk_ms))),
        channel: defaults.channel,
        driver_note: defaults.driver_note.clone(),
    }
}

fn favourite(favourite: &Favourite) -> pb::FavoritePlace {
    let position: Option<LatLng> = LatLon::from_e7(favourite.lat_e7, favourite.lon_e7).ok().map(lat_lng);
    let place = Place { position, label: favourite.place_label.clone() };
    pb::FavoritePlace { label: favourite.label.clone(), place: Some(place) }
}
