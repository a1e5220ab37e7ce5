//! What is told about riders. No fault repeats what was told: messages of errors are shown, and written into logs.

use mukae_people::{Defaults, Favourite, Person};
use mukae_proto::transit::booking::v1 as pb;
use mukae_proto::transit::units::v1::Seats;
use mukae_record::Origin;
use mukae_units::{ID_SET_MAX, LatLon, Span};

use super::booking::pseudonym;
use crate::caller::Caller;
use crate::config::LABEL_MAX;
use crate::errors::Fault;
use crate::names::{RiderName, TenantName, rider_id};
use crate::shell::input::Signed;
use crate::wire::fields::Fields;
use crate::wire::page::Page;

/// Characters.
const NAME_MAX: usize = 100;
const DESK_NOTE_MAX: usize = 500;
const DRIVER_NOTE_MAX: usize = 200;
const REQUIREMENT_MAX: usize = 63;
const QUERY_MAX: usize = 100;
const PHONES_MAX: usize = 5;
/// Digits of a number that one can dial, the shortest and the longest.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 3..=15;
/// Characters of a number as it is written.
const PHONE_MAX: usize = 40;
const FAVOURITES_MAX: usize = 20;
/// Riders on one page: as many as fit into a message, each as long as can be.
const PAGE_MAX: usize = 50;
const EXTRA_WALK_MAX: Span = Span::DAY;
/// The fields that an update may name; the desk's note comes last, since riders do without it.
const MASKS: [&str; 6] = ["display_name", "kana", "phone_numbers", "defaults", "favorite_places", DESK_NOTE];
const DESK_NOTE: &str = "desk_note";
/// Who made up a pseudonym that nobody gave.
const OURS: &str = "desk";

#[derive(Debug)]
pub struct NewRider {
    pub name: RiderName,
    pub person: Person,
}

#[derive(Debug)]
pub struct RiderUpdate {
    pub name: RiderName,
    /// Empty: whatever it is by now.
    pub etag: String,
    told: Told,
}

#[derive(Debug)]
pub struct Erasure {
    pub name: RiderName,
    /// Empty: whatever it is by now.
    pub etag: String,
}

pub struct RiderList {
    pub tenant: String,
    pub query: String,
    pub page: Page,
}

/// What a message says; `None` stays as it is.
#[derive(Debug, Default)]
struct Told {
    name: Option<String>,
    kana: Option<String>,
    phones: Option<Vec<String>>,
    desk_note: Option<String>,
    defaults: Option<Defaults>,
    favourites: Option<Vec<Favourite>>,
}

impl RiderUpdate {
    /// The record as it is to be.
    pub fn of(&self, before: &Person) -> Person {
        self.told.over(before.clone())
    }
}

impl Told {
    fn over(&self, before: Person) -> Person {
        let Told { name, kana, phones, desk_note, defaults, favourites } = self;
        Person {
            pseudonym: before.pseudonym,
            name: name.clone().unwrap_or(before.name),
            kana: kana.clone().unwrap_or(before.kana),
            phones: phones.clone().unwrap_or(before.phones),
            desk_note: desk_note.clone().unwrap_or(before.desk_note),
            defaults: defaults.clone().unwrap_or(before.defaults),
            favourites: favourites.clone().unwrap_or(before.favourites),
        }
    }
}

pub fn create_rider(caller: &Caller, request: pb::CreateRiderRequest) -> Result<Signed<NewRider>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("RiderService/CreateRider", &request, &request.request_id);
    let own = request.parent.parse().ok().filter(|TenantName(tenant)| caller.rider_at(tenant).is_some());
    let tenant = own.or_else(|| fields.name("parent", &request.parent));
    if request.rider.is_none() {
        fields.wrong("rider", "required");
    }
    let rider = request.rider.unwrap_or_default();
    let whose = tenant.as_ref().and_then(|tenant| whose(&mut fields, tenant, &rider.pseudonym, origin.as_ref()));
    if tenant.as_ref().is_some_and(|tenant| caller.rider_at(&tenant.0).is_some()) && !rider.desk_note.is_empty() {
        fields.deny();
    }
    let told = told(&mut fields, rider, &MASKS);
    let wish = || {
        let (tenant, pseudonym) = (tenant?.0, whose?);
        let name = RiderName { rider: rider_id(&tenant, &pseudonym), tenant };
        Some(NewRider { name, person: told?.over(Person { pseudonym, ..Person::default() }) })
    };
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

/// Who makes their own record is who they are; who only ever calls is given a pseudonym, the same for the same request.
fn whose(fields: &mut Fields<'_>, tenant: &TenantName, given: &str, origin: Option<&Origin>) -> Option<String> {
    if let Some(own) = fields.caller().rider_at(&tenant.0) {
        if !given.is_empty() && given != own {
            fields.deny();
        }
        return Some(own.to_owned());
    }
    if !given.is_empty() {
        return pseudonym(fields, "rider.pseudonym", given).then(|| given.to_owned());
    }
    let call = origin?.call.as_ref()?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"mukae rider|").update(fields.caller().principal.as_str().as_bytes());
    hasher.update(b"|").update(call.request_id.as_str().as_bytes());
    Some(format!("{OURS}+{}", &hasher.finalize().to_hex()[..24]))
}

pub fn update_rider(caller: &Caller, request: pb::UpdateRiderRequest) -> Result<Signed<RiderUpdate>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("RiderService/UpdateRider", &request, &request.request_id);
    if request.rider.is_none() {
        fields.wrong("rider", "required");
    }
    let rider = request.rider.unwrap_or_default();
    let name = fields.name::<RiderName>("rider.name", &rider.name);
    let etag = fields.text("rider.etag", rider.etag.clone(), 64);
    let is_own = name.as_ref().is_some_and(|name| caller.rider_at(&name.tenant).is_some());
    let named = request.update_mask.as_ref().is_some_and(|mask| mask.paths.iter().any(|path| path == DESK_NOTE));
    if is_own && named {
        fields.deny();
    }
    let mut mask = fields.mask("update_mask", request.update_mask, &MASKS);
    if is_own && let Some(mask) = &mut mask {
        mask.retain(|path| *path != DESK_NOTE);
    }
    let told = mask.and_then(|mask| told(&mut fields, rider, &mask));
    let wish = || Some(RiderUpdate { name: name?, etag: etag?, told: told? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn delete_rider(caller: &Caller, request: pb::DeleteRiderRequest) -> Result<Signed<Erasure>, Fault> {
    let mut fields = Fields::of(caller);
    let origin = fields.sign("RiderService/DeleteRider", &request, &request.request_id);
    let name = fields.name("name", &request.name);
    let etag = fields.text("etag", request.etag, 64);
    let wish = || Some(Erasure { name: name?, etag: etag? });
    fields.finish_rehearsable(request.validate_only, origin, wish())
}

pub fn list_riders(caller: &Caller, request: pb::ListRidersRequest) -> Result<RiderList, Fault> {
    let mut fields = Fields::of(caller);
    let tenant = fields.name::<TenantName>("parent", &request.parent);
    let of = format!("riders of {} called {}", request.parent, request.query);
    let query = fields.text("query", request.query, QUERY_MAX);
    let mut page = Page::of_request(&mut fields, request.page_size, &request.page_token, of)?;
    page.size = page.size.min(PAGE_MAX);
    fields.finish(tenant.zip(query).map(|(TenantName(tenant), query)| RiderList { tenant, query, page }))
}

/// What `mask` names, each judged, all faults noted.
fn told(fields: &mut Fields<'_>, rider: pb::Rider, mask: &[&str]) -> Option<Told> {
    let names = |field: &str| mask.contains(&field);
    let pb::Rider { display_name, kana, phone_numbers, desk_note, defaults: usual, favorite_places, .. } = rider;
    let name = names("display_name").then(|| fields.required_text("rider.display_name", display_name, NAME_MAX));
    let kana = names("kana").then(|| fields.text("rider.kana", kana, NAME_MAX));
    let phones = names("phone_numbers").then(|| phones(fields, phone_numbers));
    let desk_note = names(DESK_NOTE).then(|| fields.text("rider.desk_note", desk_note, DESK_NOTE_MAX));
    let defaults = names("defaults").then(|| defaults(fields, usual.unwrap_or_default()));
    let favourites = names("favorite_places").then(|| favourites(fields, favorite_places));
    Some(Told {
        name: judged(name)?,
        kana: judged(kana)?,
        phones: judged(phones)?,
        desk_note: judged(desk_note)?,
        defaults: judged(defaults)?,
        favourites: judged(favourites)?,
    })
}

/// Not named, or named and fine.
fn judged<T>(told: Option<Option<T>>) -> Option<Option<T>> {
    match told {
        None => Some(None),
        Some(told) => told.map(Some),
    }
}

fn phones(fields: &mut Fields<'_>, phones: Vec<String>) -> Option<Vec<String>> {
    if PHONES_MAX < phones.len() {
        fields.wrong("rider.phone_numbers", format!("at most {PHONES_MAX}"));
        return None;
    }
    let phones = phones.into_iter().enumerate().map(|(index, phone)| {
        let digits = mukae_people::dialled(&phone).filter(|digits| PHONE_DIGITS.contains(&digits.len()));
        if digits.is_none() || PHONE_MAX < phone.chars().count() {
            let (least, most) = PHONE_DIGITS.into_inner();
            let right = format!("{least} to {most} digits, with or without +81, hyphens, spaces and brackets");
            fields.wrong(format!("rider.phone_numbers[{index}]"), right);
            return None;
        }
        Some(phone.trim().to_owned())
    });
    phones.collect::<Vec<_>>().into_iter().collect()
}

fn defaults(fields: &mut Fields<'_>, defaults: pb::RiderDefaults) -> Option<Defaults> {
    let party = party(fields, defaults.party.unwrap_or_default());
    let requirements = requirements(fields, defaults.requirements);
    let field = "rider.defaults.extra_walk_duration";
    let walk = fields.optional_span(field, defaults.extra_walk_duration, EXTRA_WALK_MAX);
    let channel = fields.known::<pb::Channel>("rider.defaults.channel", defaults.channel, "channel");
    let driver_note = fields.text("rider.defaults.driver_note", defaults.driver_note, DRIVER_NOTE_MAX);
    Some(Defaults {
        party: party?,
        requirements: requirements?,
        extra_walk_ms: walk?.unwrap_or_default().as_millis(),
        channel: channel? as i32,
        driver_note: driver_note?,
    })
}

fn requirements(fields: &mut Fields<'_>, names: Vec<String>) -> Option<Vec<String>> {
    let field = "rider.defaults.requirements";
    let is_fine =
        |name: &String| (1..=REQUIREMENT_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if (ID_SET_MAX as usize) < names.len() || !names.iter().all(is_fine) {
        let right = format!("at most {ID_SET_MAX}, each of 1 to {REQUIREMENT_MAX} characters, none of control");
        fields.wrong(field, right);
        return None;
    }
    Some(names)
}

/// Nobody at all is not said.
fn party(fields: &mut Fields<'_>, party: Seats) -> Option<[u8; 5]> {
    let Seats { seats, wheelchairs, child_seats, luggage, stretchers } = party;
    let counts = [
        ("seats", seats),
        ("wheelchairs", wheelchairs),
        ("child_seats", child_seats),
        ("luggage", luggage),
        ("stretchers", stretchers),
    ];
    let counts = counts.map(|(name, count)| {
        let count = fields.integer(format!("rider.defaults.party.{name}"), count, 0, i32::from(u8::MAX))?;
        u8::try_from(count).ok()
    });
    let [seats, wheelchairs, child_seats, luggage, stretchers] = counts;
    Some([seats?, wheelchairs?, child_seats?, luggage?, stretchers?])
}

fn favourites(fields: &mut Fields<'_>, places: Vec<pb::FavoritePlace>) -> Option<Vec<Favourite>> {
    if FAVOURITES_MAX < places.len() {
        fields.wrong("rider.favorite_places", format!("at most {FAVOURITES_MAX}"));
        return None;
    }
    let places = places.into_iter().enumerate().map(|(index, favourite)| {
        let field = format!("rider.favorite_places[{index}]");
        let label = fields.required_text(&format!("{field}.label"), favourite.label, NAME_MAX);
        if favourite.place.is_none() {
            fields.wrong(format!("{field}.place"), "required");
        }
        let place = favourite.place?;
        // without the point that was told, unlike elsewhere
        let point = place.position.and_then(|point| LatLon::from_degrees(point.latitude, point.longitude).ok());
        if point.is_none() {
            let right = "required; latitude -90 to 90 and longitude -180 to 180";
            fields.wrong(format!("{field}.place.position"), right);
        }
        let place_label = fields.text(&format!("{field}.place.label"), place.label, LABEL_MAX);
        let (label, place_label, point) = (label?, place_label?, point?);
        Some(Favourite { label, place_label, lat_e7: point.lat_e7(), lon_e7: point.lon_e7() })
    });
    places.collect::<Vec<_>>().into_iter().collect()
}
