//! On which side of the road people drive here.
//!
//! Roundabouts tell: traffic goes around them counter-clockwise where it keeps right. Where there are
//! too few of them, a short table of places that keep left answers.

use std::fmt;

use mukae_units::LatLon;

use super::access::Direction;
use super::extract::Extract;
use crate::geometry::LocalFrame;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DrivingSide {
    Left,
    Right,
}

impl fmt::Display for DrivingSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DrivingSide::Left => "left",
            DrivingSide::Right => "right",
        })
    }
}

/// So many roundabouts settle the matter alone, if three in four agree.
const ROUNDABOUTS_MIN: u32 = 3;

/// The side, from the roundabouts of the extract, else from where it lies.
pub(crate) fn guess_side(extract: &Extract, centre: LatLon) -> DrivingSide {
    let (left, right) = count_roundabouts(extract);
    let is_known_left = keeps_left(centre);
    if ROUNDABOUTS_MIN <= left + right && (left.max(right) * 4 >= (left + right) * 3) {
        if right < left { DrivingSide::Left } else { DrivingSide::Right }
    } else if is_known_left || right < left {
        DrivingSide::Left
    } else {
        DrivingSide::Right
    }
}

/// How many roundabout ways are driven clockwise (keep left), and how many counter-clockwise.
fn count_roundabouts(extract: &Extract) -> (u32, u32) {
    let (mut left, mut right) = (0, 0);
    for (index, road) in extract.roads.iter().enumerate() {
        if !road.is_roundabout {
            continue;
        }
        let direction = match (road.forward, road.backward) {
            (Some(_), None) => Direction::Forward,
            (None, Some(_)) => Direction::Backward,
            _ => continue,
        };
        let points: Vec<LatLon> =
            extract.refs_of(index).iter().filter_map(|&node| extract.positions[node as usize]).collect();
        let area = twice_signed_area(&points);
        let counter_clockwise = if direction == Direction::Forward { 0.0 < area } else { area < 0.0 };
        if area == 0.0 {
            continue;
        } else if counter_clockwise {
            right += 1;
        } else {
            left += 1;
        }
    }
    (left, right)
}

/// Positive if the ring turns counter-clockwise; an open arc is closed by its chord.
fn twice_signed_area(points: &[LatLon]) -> f64 {
    let Some(&first) = points.first() else { return 0.0 };
    let frame = LocalFrame::around(first);
    let corners: Vec<[f64; 2]> = points.iter().map(|&point| frame.project(point)).collect();
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum()
}

fn keeps_left(at: LatLon) -> bool {
    [JAPAN, BRITISH_ISLES, LEFT].into_iter().flatten().any(|place| place.contains(at))
}

/// West, south, east, north in degrees; no box crosses the antimeridian.
pub(crate) struct Place(pub(crate) [f64; 4]);

impl Place {
    pub(crate) fn contains(&self, point: LatLon) -> bool {
        let [west, south, east, north] = self.0;
        (west..=east).contains(&point.lon()) && (south..=north).contains(&point.lat())
    }
}

/// Cut so that neighbours stay outside.
pub(crate) const JAPAN: &[Place] = &[
    // Japan: the main islands east and west of Korea's longitude, Kyushu, Tsushima, Okinawa.
    Place([132.0, 33.0, 142.2, 41.6]),
    Place([139.3, 41.3, 145.8, 45.6]),
    Place([129.4, 30.0, 132.0, 34.8]),
    Place([129.15, 34.05, 129.5, 34.75]),
    Place([122.9, 24.0, 131.4, 30.0]),
    Place([138.0, 24.0, 154.0, 33.0]),
];

pub(crate) const BRITISH_ISLES: &[Place] = &[
    // Great Britain, Ireland, the Isle of Man; the Channel Islands.
    Place([-11.0, 49.85, 1.0, 51.05]),
    Place([-11.0, 51.05, 1.45, 51.5]),
    Place([-11.0, 51.5, 1.8, 61.0]),
    Place([-2.75, 49.1, -1.95, 49.78]),
];

/// Other places that keep left, cut so that neighbours who keep right stay outside; not all of them: inland
/// borders do not fit a box, and there the option says it.
const LEFT: &[Place] = &[
    // Malta, Cyprus.
    Place([14.1, 35.7, 14.7, 36.15]),
    Place([32.2, 34.5, 34.7, 35.75]),
    // Australia and its south, New Zealand with Chatham, Papua New Guinea, the Solomon Islands.
    Place([112.0, -44.0, 154.5, -10.0]),
    Place([165.0, -53.0, 179.9, -33.0]),
    Place([-177.5, -45.0, -175.5, -43.0]),
    Place([141.1, -12.0, 163.5, -0.5]),
    // Fiji, Tonga, Samoa (not American Samoa), Niue, the Cook Islands, Tokelau, Tuvalu, Kiribati, Nauru.
    Place([176.5, -21.0, 180.0, -12.0]),
    Place([-180.0, -21.0, -178.0, -15.0]),
    Place([-176.5, -22.5, -173.5, -15.4]),
    Place([-173.0, -14.2, -171.3, -13.3]),
    Place([-170.1, -19.3, -169.6, -18.8]),
    Place([-166.0, -23.0, -157.0, -8.0]),
    Place([-173.0, -9.8, -171.0, -8.3]),
    Place([175.5, -11.0, 180.0, -5.0]),
    Place([172.5, -3.0, 177.0, 3.6]),
    Place([166.8, -0.7, 167.0, -0.4]),
    // Sri Lanka, the south of India, the Maldives; Java to Timor; Borneo's north; Singapore; Hong Kong.
    Place([72.5, 5.0, 82.5, 20.0]),
    Place([105.0, -11.0, 127.4, -5.5]),
    Place([109.5, 0.9, 119.3, 7.4]),
    Place([100.0, 1.1, 104.6, 6.5]),
    Place([113.82, 22.15, 114.45, 22.5]),
    // Southern Africa south of Angola and the Congo, Mauritius, the Seychelles.
    Place([11.7, -35.0, 35.9, -17.5]),
    Place([57.2, -20.6, 63.6, -19.6]),
    Place([55.1, -5.0, 56.1, -4.1]),
    // Jamaica, the Bahamas, Barbados, Trinidad and Tobago, the Falklands, St Helena.
    Place([-78.5, 17.6, -76.1, 18.6]),
    Place([-79.0, 22.2, -74.2, 27.3]),
    Place([-59.7, 13.0, -59.4, 13.4]),
    Place([-61.95, 10.0, -60.4, 11.4]),
    Place([-61.5, -52.6, -57.6, -51.0]),
    Place([-5.85, -16.05, -5.6, -15.85]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_keep_left() {
        let keeps_left = |lat, lon| keeps_left(LatLon::from_degrees(lat, lon).expect("on the globe"));
        let left = [
            (33.96, 131.27, "Ube"),
            (35.63, 139.72, "Tokyo"),
            (43.06, 141.35, "Sapporo"),
            (26.2, 127.7, "Naha"),
            (34.4, 129.3, "Tsushima"),
            (54.2, -4.5, "Isle of Man"),
            (51.12, 1.3, "Dover"),
            (35.9, 14.4, "Malta"),
            (-19.05, -169.87, "Niue"),
            (-36.8, 174.7, "Auckland"),
            (-33.9, 151.2, "Sydney"),
            (1.35, 103.8, "Singapore"),
        ];
        for (lat, lon, name) in left {
            assert!(keeps_left(lat, lon), "{name}");
        }
        let right = [
            (49.4, 8.67, "Heidelberg"),
            (35.18, 129.08, "Busan"),
            (37.57, 127.0, "Seoul"),
            (50.95, 1.86, "Calais"),
            (50.73, 1.6, "Boulogne"),
            (49.64, -1.62, "Cherbourg"),
            (25.03, 121.5, "Taipei"),
            (43.1, 131.9, "Vladivostok"),
            (46.95, 142.7, "Sakhalin"),
            (40.7, -74.0, "New York"),
            (-14.3, -170.7, "American Samoa"),
            (-30.0, -51.2, "Porto Alegre"),
            (59.9, 10.7, "Oslo"),
        ];
        for (lat, lon, name) in right {
            assert!(!keeps_left(lat, lon), "{name}");
        }
    }
}
