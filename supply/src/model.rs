//! What was fitted for one town on one map, and its bytes.

use mukae_forecast::snapshot::{Post, Snapshot, SnapshotError};
use mukae_forecast::{BIN_COUNT, Rates, returns::Returns};
use mukae_maps::{EdgeId, Fraction, Place, Sides};
use mukae_units::{LatLon, Span};
use thiserror::Error;

use crate::clock::Day;
use crate::posts::{Origin, Posts};

/// What was fitted, and which of it is used.
#[derive(Clone, PartialEq, Debug)]
pub struct Model {
    pub posts: Posts,
    /// F1.
    pub rates: Rates,
    /// F2; `None` if it is switched off.
    pub returns: Option<Returns>,
    /// By day of the week from Monday on: the part of each half hour in which a ride can be booked.
    pub open: [[f64; BIN_COUNT]; 7],
    /// Who asks longer before is planned for, not expected.
    pub lead_max: Span,
    /// The last day that was learned from.
    pub learned_through: Day,
}

#[derive(Debug, Error)]
pub enum ModelError {
    #[error(transparent)]
    Forecast(#[from] SnapshotError),
    #[error(
        "post {index} of this forecast, counted from 0, is not on the map: it was fitted on another one, or is damaged"
    )]
    OffMap { index: usize },
    #[error("posts of this forecast stand at one place, or are more than {most}: it is damaged; fit it again")]
    Posts { most: usize },
}

impl Model {
    /// The same model has the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let post = |&Origin { point, place }: &Origin| Post {
            lat_e7: point.lat_e7(),
            lon_e7: point.lon_e7(),
            edge: place.edge.0,
            steps: place.fraction.steps(),
            both_sides: place.sides == Sides::Both,
        };
        let snapshot = Snapshot {
            fitted_through: i32::try_from(self.learned_through.0).expect("days of a calendar"),
            posts: self.posts.origins().iter().map(post).collect(),
            open: self.open.iter().map(|day| day.to_vec()).collect(),
            lead_max_ms: self.lead_max.as_millis(),
            rates: self.rates.clone(),
            returns: self.returns.clone(),
            habits: None,
            intent: None,
            acceptance: None,
        };
        snapshot.to_json()
    }

    /// On a map of so many edges.
    pub fn from_bytes(bytes: &[u8], edge_count: usize) -> Result<Model, ModelError> {
        let snapshot = Snapshot::from_json(bytes)?;
        let mut origins = Vec::with_capacity(snapshot.posts.len());
        for (index, post) in snapshot.posts.iter().enumerate() {
            let point = LatLon::from_e7(post.lat_e7, post.lon_e7).ok();
            let point = point.filter(|_| (post.edge as usize) < edge_count).ok_or(ModelError::OffMap { index })?;
            let sides = if post.both_sides { Sides::Both } else { Sides::This };
            let place = Place { edge: EdgeId(post.edge), fraction: Fraction::from_steps(post.steps), sides };
            origins.push(Origin { point, place });
        }
        let posts = Posts::at(origins).ok_or(ModelError::Posts { most: mukae_engine::model::POSTS_MAX })?;
        let mut open = [[0.0; BIN_COUNT]; 7];
        open.iter_mut().zip(&snapshot.open).for_each(|(day, shares)| day.copy_from_slice(shares));
        Ok(Model {
            posts,
            rates: snapshot.rates,
            returns: snapshot.returns,
            open,
            lead_max: Span::from_millis(snapshot.lead_max_ms),
            learned_through: Day(i64::from(snapshot.fitted_through)),
        })
    }
}
