//! Where an extract lies, told from its first nodes: enough to choose a profile before it is read.

use std::path::Path;

use mukae_units::LatLon;

use super::blob::Blobs;
use super::block;

/// So many nodes tell.
const NODES_MAX: usize = 10_000;

/// The middle of the first nodes by latitude and by longitude, so that a few far away (the far end of a
/// ferry) decide nothing. `None` if there are none to read; what is wrong is told by the reading itself.
pub(crate) fn locate(path: &Path) -> Option<LatLon> {
    let (mut blobs, _) = Blobs::open(path).ok()?;
    loop {
        let blob = blobs.next().ok()??;
        let Ok(block) = blobs.data(&blob) else { continue };
        let mut points: Vec<LatLon> = Vec::new();
        let visited = block::visit_nodes(
            &block,
            |_| Some(0),
            |_, position, _| {
                if points.len() < NODES_MAX {
                    points.push(position);
                }
            },
        );
        if visited.is_ok() && !points.is_empty() {
            return LatLon::from_e7(middle(&points, LatLon::lat_e7), middle(&points, LatLon::lon_e7)).ok();
        }
    }
}

fn middle(points: &[LatLon], axis: impl Fn(&LatLon) -> i32) -> i32 {
    let mut values: Vec<i32> = points.iter().map(axis).collect();
    let middle = values.len() / 2;
    *values.select_nth_unstable(middle).1
}
