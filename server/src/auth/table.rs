//! Who may call what: every method of the interface, every role. What does not stand here is not allowed.
//!
//! `N`: no. `O`: what is their own; a rider's bookings, a driver's vehicles and asks. `T`: everything of the tenants at which
//! they hold the role. `A`: of all tenants. A server does not start with a method that has no row, and a test compares
//! the rows with the descriptors, so that a new method is thought about before it is served. `docs/security.md` shows
//! the same table, and a test compares the two.

use super::roles::Role;

/// How far a role reaches with a method.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reach {
    No,
    Own,
    Tenant,
    All,
}

/// What the roles may do with one method.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// `{package}.{service}/{method}`.
    pub method: &'static str,
    pub access: Access,
}

#[derive(Clone, Copy, Debug)]
pub enum Access {
    /// Without saying who one is.
    Anyone,
    /// In the order of [`Role::ALL`].
    Roles([Reach; 8]),
}

const N: Reach = Reach::No;
const O: Reach = Reach::Own;
const T: Reach = Reach::Tenant;
const A: Reach = Reach::All;

#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    //                                                                  rider
    //                                                                  |  driver
    //                                                                  |  |  service
    //                                                                  |  |  |  operator
    //                                                                  |  |  |  |  planner
    //                                                                  |  |  |  |  |  auditor
    //                                                                  |  |  |  |  |  |  tenant-admin
    //                                                                  |  |  |  |  |  |  |  platform-admin
    row("transit.area.v1.AreaService/GetArea",                         [T, T, T, T, T, T, T, A]),
    row("transit.area.v1.AreaService/ListAreas",                       [T, T, T, T, T, T, T, A]),
    row("transit.area.v1.AreaService/WatchArea",                       [N, N, N, T, N, T, N, N]),
    row("transit.area.v1.AreaService/ExportPastArea",                     [N, N, N, T, N, T, N, N]),

    // Personal data. A driver reads of those they fetch; asked about first here, while the riders of the test are still
    // to be fetched.
    row("transit.booking.v1.RiderService/CreateRider",                 [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.RiderService/GetRider",                    [O, O, T, T, N, N, N, N]),
    row("transit.booking.v1.RiderService/UpdateRider",                 [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.RiderService/DeleteRider",                 [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.RiderService/ListRiders",                  [N, N, T, T, N, N, N, N]),
    row("transit.area.v1.SetupService/GetService",                     [T, T, T, T, T, T, T, A]),
    row("transit.area.v1.SetupService/ListServices",                   [T, T, T, T, T, T, T, A]),
    row("transit.area.v1.SetupService/CreateService",                  [N, N, N, N, N, N, T, N]),
    row("transit.area.v1.SetupService/UpdateService",                  [N, N, N, N, N, N, T, N]),
    row("transit.area.v1.SetupService/ListServiceRevisions",           [N, N, N, T, T, T, T, N]),
    row("transit.area.v1.SetupService/GetMeetingPoint",                [T, T, T, T, T, T, T, A]),
    row("transit.area.v1.SetupService/ListMeetingPoints",              [T, T, T, T, T, T, T, A]),

    row("transit.booking.v1.BookingService/Quote",                     [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/GetOffer",                  [O, N, T, T, N, T, N, N]),
    row("transit.booking.v1.BookingService/ConfirmOffer",              [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/HoldOffer",                 [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/ReleaseHold",               [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/BookRide",                  [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/AmendBooking",              [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/BookPair",                  [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/ReportMissedRide",          [N, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/CancelBooking",             [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/GetBooking",                [O, N, T, T, N, T, N, N]),
    row("transit.booking.v1.BookingService/ListBookings",              [O, N, T, T, N, T, N, N]),
    row("transit.booking.v1.BookingService/BatchGetBookings",          [O, N, T, T, N, T, N, N]),
    row("transit.booking.v1.BookingService/WatchBooking",              [O, N, T, T, N, T, N, N]),
    row("transit.booking.v1.BookingService/GetTrip",                   [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.BookingService/WatchTrip",                 [O, N, T, T, N, N, N, N]),

    row("transit.booking.v1.StandingBookingService/CreateStandingBooking", [N, N, T, T, N, N, N, N]),
    row("transit.booking.v1.StandingBookingService/GetStandingBooking", [N, N, T, T, N, T, N, N]),
    row("transit.booking.v1.StandingBookingService/ListStandingBookings", [N, N, T, T, N, T, N, N]),
    row("transit.booking.v1.StandingBookingService/UpdateStandingBooking", [N, N, T, T, N, N, N, N]),
    row("transit.booking.v1.StandingBookingService/SkipStandingDate",  [N, N, T, T, N, N, N, N]),
    row("transit.booking.v1.StandingBookingService/EndStandingBooking", [N, N, T, T, N, N, N, N]),

    row("transit.booking.v1.WaitingListService/JoinWaitingList",       [O, N, T, T, N, N, N, N]),
    row("transit.booking.v1.WaitingListService/GetWaiting",            [O, N, T, T, N, T, N, N]),
    row("transit.booking.v1.WaitingListService/ListWaitings",          [N, N, T, T, N, T, N, N]),
    row("transit.booking.v1.WaitingListService/LeaveWaitingList",      [O, N, T, T, N, N, N, N]),

    row("transit.fleet.v1.FleetService/CreateVehicle",                 [N, N, N, N, N, N, T, N]),
    row("transit.fleet.v1.FleetService/GetVehicle",                    [N, O, N, T, T, T, T, N]),
    row("transit.fleet.v1.FleetService/ListVehicles",                  [N, N, N, T, T, T, T, N]),
    row("transit.fleet.v1.FleetService/BatchGetVehicles",              [N, N, N, T, T, T, T, N]),
    row("transit.fleet.v1.FleetService/UpdateVehicle",                 [N, N, N, N, N, N, T, N]),
    row("transit.fleet.v1.FleetService/RetireVehicle",                 [N, N, N, N, N, N, T, N]),
    row("transit.fleet.v1.FleetService/CreateShift",                   [N, N, N, T, N, N, T, N]),
    row("transit.fleet.v1.FleetService/GetShift",                      [N, O, N, T, T, T, T, N]),
    row("transit.fleet.v1.FleetService/ListShifts",                    [N, O, N, T, T, T, T, N]),
    row("transit.fleet.v1.FleetService/OpenShift",                     [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/CloseShift",                    [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/ReportPositions",               [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/StreamPositions",               [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/DepartStop",                    [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/ArriveStop",                    [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/BoardBooking",                  [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/AlightBooking",                 [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/ReportNoShow",                  [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/EndBreak",                      [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/EndRepositioning",              [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/GetManifest",                   [N, O, N, T, N, T, N, N]),
    row("transit.fleet.v1.FleetService/WatchManifest",                 [N, O, N, T, N, T, N, N]),
    row("transit.fleet.v1.FleetService/AcknowledgeManifest",           [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.FleetService/ExportDrivingRecords",          [N, N, N, T, N, T, N, N]),

    row("transit.fleet.v1.DriverService/CreateDriver",                 [N, N, N, T, N, N, T, N]),
    row("transit.fleet.v1.DriverService/UpdateDriver",                 [N, N, N, T, N, N, T, N]),
    row("transit.fleet.v1.DriverService/GetDriver",                    [N, O, N, T, N, T, T, N]),
    row("transit.fleet.v1.DriverService/ListDrivers",                  [N, N, N, T, N, T, T, N]),
    row("transit.fleet.v1.DriverService/CreateTripDeclaration",        [N, N, N, T, N, N, T, N]),
    row("transit.fleet.v1.DriverService/GetTripDeclaration",           [N, N, N, T, N, T, T, N]),
    row("transit.fleet.v1.DriverService/ListTripDeclarations",         [N, N, N, T, N, T, T, N]),
    row("transit.fleet.v1.DriverService/UpdateTripDeclaration",        [N, N, N, T, N, N, T, N]),
    row("transit.fleet.v1.DriverService/CancelTripDeclaration",        [N, N, N, T, N, N, T, N]),
    row("transit.fleet.v1.DriverService/ListAsks",                     [N, O, N, T, N, T, N, N]),
    row("transit.fleet.v1.DriverService/WatchAsks",                    [N, O, N, T, N, T, N, N]),
    row("transit.fleet.v1.DriverService/AnswerAsk",                    [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.DriverService/RecordPretripCheck",           [N, O, N, T, N, N, N, N]),
    row("transit.fleet.v1.DriverService/GetPretripCheck",              [N, O, N, T, N, T, N, N]),

    // Messages are carried by frontends, and so seen by them.
    row("transit.operations.v1.OperationsService/CreateRoadMeasure",   [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.OperationsService/GetRoadMeasure",      [N, N, N, T, T, T, T, N]),
    row("transit.operations.v1.OperationsService/ListRoadMeasures",    [N, N, N, T, T, T, T, N]),
    row("transit.operations.v1.OperationsService/EndRoadMeasure",      [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.OperationsService/ListAlerts",          [N, N, N, T, N, T, N, N]),
    row("transit.operations.v1.OperationsService/AcknowledgeAlert",    [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.OperationsService/AddAlertNote",        [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.OperationsService/SendMessage",         [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.OperationsService/ListMessages",        [N, N, T, T, N, T, N, N]),
    row("transit.operations.v1.OperationsService/WatchMessages",       [N, N, T, T, N, T, N, N]),

    // Desks alone lay a hand on the plan; who may see all of an area may ask why.
    row("transit.operations.v1.DispatchService/SuggestAssignments",    [N, N, N, T, N, T, N, N]),
    row("transit.operations.v1.DispatchService/AssignBookings",        [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.DispatchService/PinBooking",            [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.DispatchService/UnpinBooking",          [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.DispatchService/FreezeStops",           [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.DispatchService/UnfreezeStops",         [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.DispatchService/ReportBreakdown",       [N, O, N, T, N, N, N, N]),
    row("transit.operations.v1.DispatchService/InterruptShift",        [N, O, N, T, N, N, N, N]),
    row("transit.operations.v1.DispatchService/ExplainBooking",        [N, N, N, T, N, T, N, N]),
    row("transit.operations.v1.DispatchService/ExplainOffer",          [N, N, N, T, N, T, N, N]),
    row("transit.operations.v1.DispatchService/ExplainQuote",          [N, N, N, T, N, T, N, N]),
    row("transit.operations.v1.DispatchService/ListUnassignedBookings", [N, N, N, T, N, T, N, N]),

    // One act of the desk ends it; who may see all of an area may ask why.
    row("transit.operations.v1.SupplyService/GetSupply",               [N, N, N, T, T, T, N, N]),
    row("transit.operations.v1.SupplyService/SuspendSupply",           [N, N, N, T, N, N, N, N]),
    row("transit.operations.v1.SupplyService/ResumeSupply",            [N, N, N, T, N, N, N, N]),

    row("transit.planning.v1.PlanningService/ProbeRides",              [N, N, T, T, T, N, N, N]),
    row("transit.planning.v1.PlanningService/ExportDemand",            [N, N, N, N, T, N, T, N]),
    row("transit.planning.v1.PlanningService/GetUsage",                [N, N, N, N, T, T, T, A]),

    // Days that never were: for those who plan, and whoever has to answer for the plan.
    row("transit.planning.v1.SimulationService/CreateSimulation",      [N, N, N, N, T, N, T, N]),
    row("transit.planning.v1.SimulationService/GetSimulation",         [N, N, N, N, T, T, T, N]),
    row("transit.planning.v1.SimulationService/ListSimulations",       [N, N, N, N, T, T, T, N]),
    row("transit.planning.v1.SimulationService/WatchSimulation",       [N, N, N, N, T, T, T, N]),
    row("transit.planning.v1.SimulationService/CancelSimulation",      [N, N, N, N, T, N, T, N]),
    row("transit.planning.v1.SimulationService/DeleteSimulation",      [N, N, N, N, T, N, T, N]),
    row("transit.planning.v1.SimulationService/ListSimulationFigures", [N, N, N, N, T, T, T, N]),
    row("transit.planning.v1.SimulationService/ExportSimulationFile",  [N, N, N, N, T, T, T, N]),

    // What is around the interface. Balancers ask for health and have no token.
    anyone("grpc.health.v1.Health/Check"),
    anyone("grpc.health.v1.Health/List"),
    anyone("grpc.health.v1.Health/Watch"),
    row("grpc.reflection.v1.ServerReflection/ServerReflectionInfo",      [T, T, T, T, T, T, T, A]),
    row("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", [T, T, T, T, T, T, T, A]),
];

const fn row(method: &'static str, cells: [Reach; 8]) -> Row {
    Row { method, access: Access::Roles(cells) }
}

const fn anyone(method: &'static str) -> Row {
    Row { method, access: Access::Anyone }
}

/// The row of a method, by the path under which it is called.
pub fn row_of(path: &str) -> Option<&'static Row> {
    let method = path.strip_prefix('/')?;
    TABLE.iter().find(|row| row.method == method)
}

impl Access {
    pub fn of(&self, role: Role) -> Reach {
        match self {
            Access::Anyone => Reach::All,
            Access::Roles(cells) => {
                let column = Role::ALL.iter().position(|known| *known == role);
                column.map_or(Reach::No, |column| cells[column])
            }
        }
    }
}

/// The methods of these descriptors that have no row.
pub fn methods_without_row(descriptors: &[u8]) -> Vec<String> {
    methods_of(descriptors).into_iter().filter(|method| !TABLE.iter().any(|row| row.method == *method)).collect()
}

fn methods_of(descriptors: &[u8]) -> Vec<String> {
    use prost::Message;
    let set = prost_types::FileDescriptorSet::decode(descriptors).expect("descriptors of our own build");
    let mut methods = Vec::new();
    for file in &set.file {
        for service in &file.service {
            let of_service = service.method.iter();
            methods.extend(of_service.map(|method| format!("{}.{}/{}", file.package(), service.name(), method.name())));
        }
    }
    methods
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mukae_proto::FILE_DESCRIPTOR_SET;

    use super::*;

    #[test]
    fn every_method_has_a_row() {
        let missing = methods_without_row(FILE_DESCRIPTOR_SET);
        assert!(missing.is_empty(), "who may call these? say so in server/src/auth/table.rs: {missing:#?}");
    }

    #[test]
    fn every_row_has_a_method_and_stands_once() {
        let ours: BTreeSet<String> = methods_of(FILE_DESCRIPTOR_SET).into_iter().collect();
        let mut seen = BTreeSet::new();
        for row in TABLE {
            assert!(seen.insert(row.method), "{} stands twice", row.method);
            assert!(row.method.starts_with("grpc.") || ours.contains(row.method), "there is no {}", row.method);
        }
    }

    #[test]
    fn nobody_is_let_in_by_accident() {
        for row in TABLE {
            let is_ours = row.method.starts_with("transit.");
            assert!(!is_ours || matches!(row.access, Access::Roles(_)), "{} is open to anyone", row.method);
            assert!(!is_ours || row.access.of(Role::Rider) != Reach::All, "{}", row.method);
            if row.method.contains("Booking")
                || row.method.contains("Rider")
                || row.method.contains("Manifest")
                || row.method.contains("Watch")
            {
                let platform = row.access.of(Role::PlatformAdmin);
                assert!(!is_ours || platform == Reach::No, "who keeps the server sees no rider: {}", row.method);
            }
        }
        assert!(row_of("/transit.booking.v1.BookingService/Quote").is_some());
        assert!(row_of("transit.booking.v1.BookingService/Quote").is_none());
        assert!(row_of("/transit.booking.v1.BookingService/quote").is_none());
    }

    /// The table of the manual is this one, cell by cell.
    #[test]
    fn the_manual_shows_this_table() {
        let manual = include_str!("../../../docs/security.md");
        for row in TABLE {
            let Access::Roles(cells) = row.access else { continue };
            let words = cells.map(|reach| match reach {
                Reach::No => "-",
                Reach::Own => "own",
                Reach::Tenant => "tenant",
                Reach::All => "all",
            });
            let line = format!("| `{}` | {} |", row.method, words.join(" | "));
            assert!(manual.contains(&line), "docs/security.md should have the line\n{line}");
        }
    }
}
