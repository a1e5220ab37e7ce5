//! The wire contract: the types, clients and servers generated from `proto/**/*.proto`.
//!
//! Modules follow packages: `transit.booking.v1` is [`transit::booking::v1`]. The generated code is checked in below
//! `src/gen/`; after a change of a `.proto` file, `cargo xtask codegen` writes it anew. Nothing is written by hand
//! here: what turns these types into the engine's lives in `server/wire`.
#![forbid(unsafe_code)]

/// All packages and what they import as an encoded `google.protobuf.FileDescriptorSet`, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("gen/descriptor.bin");

// `include!` keeps rustfmt away from the generated files.
#[allow(clippy::all, missing_docs, rustdoc::all)]
mod wire {
    include!("gen/mod.rs");
}

pub use wire::{google, transit};

#[cfg(test)]
mod tests {
    use prost::{Message, Name};
    use prost_types::{Any, FileDescriptorSet};

    use super::FILE_DESCRIPTOR_SET;
    use super::transit::booking::v1::{OfferList, PlanChanged, plan_changed};

    /// Reflection serves these bytes: every service must be in them, and every import.
    #[test]
    fn the_descriptor_set_is_whole() {
        let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
        let names: Vec<&str> = set.file.iter().map(|file| file.name()).collect();
        for file in &set.file {
            assert!(file.dependency.iter().all(|import| names.contains(&import.as_str())), "{} imports", file.name());
        }
        let mut services: Vec<&str> = set.file.iter().flat_map(|file| &file.service).map(|each| each.name()).collect();
        services.sort_unstable();
        let expected = [
            "AreaService",
            "BookingService",
            "DispatchService",
            "DriverService",
            "FleetService",
            "OperationsService",
            "PlanningService",
            "RiderService",
            "SetupService",
            "SimulationService",
            "StandingBookingService",
            "SupplyService",
            "WaitingListService",
        ];
        assert_eq!(services, expected);
    }

    /// Fresh offers travel as a detail of an error, so a client finds them by their type's name.
    #[test]
    fn fresh_offers_travel_as_an_error_detail() {
        let fresh = PlanChanged { result: Some(plan_changed::Result::Offers(OfferList { offers: Vec::new() })) };
        assert_eq!(PlanChanged::full_name(), "transit.booking.v1.PlanChanged");
        let detail = Any::from_msg(&fresh).unwrap();
        assert_eq!(detail.to_msg::<PlanChanged>().unwrap(), fresh);
    }
}
