//! Small stories of who may ride in what, where and when.

mod support;

use support::script::check;

const LINE: &str = "A--B--C--D 60s";

#[test]
fn a_row_is_folded_for_a_wheelchair_and_unfolded_again() {
    // With the wheelchair on board there are four seats, so r2's five ride after it has left.
    check(
        LINE,
        "v1 at A 6/4+1w
         08:00 r1 B->D 0 1w from 08:00 to 08:01
         08:00 r2 B->D 5 seats from 08:00 to 08:30
         08:00 r3 C->D 4 seats from 08:00 to 08:05",
        "v1: +r1@B +r3@C -r3@D -r1@D +r2@B -r2@D",
    );
}

#[test]
fn a_group_with_wheelchairs_needs_one_vehicle_that_holds_all_of_it() {
    check(
        LINE,
        "v1 at A 6/4+1w
         v2 at D 2/0+2w
         08:00 r1 B->C 2 1w from 08:00 to 08:30
         08:00 r2 B->C 0 2w from 08:00 to 08:30
         08:00 r3 B->C 1 2w from 08:00 to 08:30",
        "r3 refused: PartySize
         v1: +r1@B -r1@C
         v2: +r2@B -r2@C",
    );
}

#[test]
fn who_walks_takes_the_wheelchair_place_until_it_is_needed() {
    check(
        LINE,
        "v1 at A 1+1w s>w
         08:00 r1 B->D 2 seats from 08:00 to 08:02
         08:00 r2 C->D 0 1w from 08:00 to 08:03",
        "r2 refused: Capacity
         v1: +r1@B -r1@D",
    );
    check(
        LINE,
        "v1 at A 1+1w s>w
         08:00 r1 B->D 1 seats from 08:00 to 08:02
         08:00 r2 C->D 0 1w from 08:00 to 08:03",
        "v1: +r1@B +r2@C -r2@D -r1@D",
    );
}

#[test]
fn a_child_takes_a_seat_where_the_vehicle_says_so_and_luggage_rides_along() {
    check(
        LINE,
        "v1 at A 2+1l c>s
         08:00 r1 B->D 1 1c 1l from 08:00 to 08:02
         08:00 r2 C->D 1 from 08:00 to 08:02
         08:00 r3 B->D 1 2l from 08:30 to 08:40
         08:00 r4 B->D 0 1t from 08:30 to 08:40",
        "r2 refused: Capacity
         r3 refused: PartySize
         r4 refused: PartySize
         v1: +r1@B -r1@D",
    );
}

/// Others put boarding riders into a full car and let those who got off there leave it half a minute
/// later. Here who needs the place boards after who leaves it, at the same stop.
#[test]
fn a_full_vehicle_is_left_before_it_is_boarded_at_the_same_stop() {
    check(
        LINE,
        "v1 at A 1
         08:00 r1 A->B from 08:00 to 08:02
         08:00 r2 B->C from 08:00 to 08:03
         08:00 r3 C->D from 08:00 to 08:04",
        "v1: +r1@A -r1@B +r2@B -r2@C +r3@C -r3@D",
    );
}

#[test]
fn a_requirement_waits_for_the_vehicle_that_has_it() {
    check(
        LINE,
        "v1 at B 4
         v2 at D 4 has ramp
         v3 at D 1 has ramp has sign
         08:00 r1 B->C needs ramp
         08:00 r2 B->C needs ramp needs sign
         08:00 r3 B->C 2 seats needs ramp needs sign
         08:00 r4 B->C needs hoist",
        "r3 refused: Requirements
         r4 refused: Requirements
         v1:
         v2: +r1@B -r1@C
         v3: +r2@B -r2@C",
    );
}

#[test]
fn a_tenants_car_is_closed_to_riders_of_others() {
    check(
        LINE,
        "v1 at B 4 only 2
         v2 at D 4
         08:00 r1 B->C from 08:00 to 08:02
         08:00 r2 B->C with 2
         08:00 r3 B->C 4 seats from 08:00 to 08:02",
        "r3 refused: Capacity
         v1: +r2@B -r2@C
         v2: +r1@B -r1@C",
    );
    check(LINE, "v1 at B 4 only 2\n08:00 r1 B->C", "r1 refused: NoVehicleForService\nv1:");
}

#[test]
fn zones_bind_services_and_vehicles() {
    check(
        LINE,
        "zone 1 A B
         zone 2 C D
         carries 1->2
         carries 1->1
         v1 at A 4 in 1
         v2 at D 4
         08:00 r1 A->B
         08:00 r2 B->D
         08:00 r3 D->A",
        "r3 refused: ServiceZones
         v1: +r1@A -r1@B
         v2: +r2@B -r2@D",
    );
    check(LINE, "zone 1 A B\nv1 at A 4 in 1\n08:00 r1 A->D", "r1 refused: VehicleZones\nv1:");
}

#[test]
fn hours_and_deadlines_say_how_far_off_they_are() {
    check(
        LINE,
        "hours 09:00-12:00 asked 06:00-08:30
         hours 13:00-16:00 asked 06:00-12:30
         hours 17:00-18:00 asked 10:00-16:30
         v1 at A 4
         08:00 r1 A->B from 07:00 to 08:50
         08:00 r2 A->B from 12:10 to 12:40
         08:31 r3 A->B from 09:00 to 10:00
         09:00 r4 A->B from 17:00 to 18:00
         09:00 r5 A->B from 11:00 to 13:30",
        "r1 refused: OutsideHours by 0:10:00
         r2 refused: OutsideHours by 0:10:00
         r3 refused: BookingDeadline by 0:01:00
         r4 refused: BookingNotOpen by 1:00:00
         v1: +r5@A -r5@B",
    );
}

#[test]
fn nobody_is_fetched_after_the_hours_end() {
    // v1 needs three minutes to D: at 08:58 it can be there at 09:01.
    check(
        LINE,
        "hours 08:00-09:00 asked 06:00-09:00
         v1 at A 4
         08:58 r1 D->A from 08:58 to 09:30",
        "r1 refused: OutsideHours by 0:01:00
         v1:",
    );
}
