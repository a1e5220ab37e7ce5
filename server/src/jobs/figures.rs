//! The key figures of a simulation, read from what its child wrote for programs.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

/// Larger ones are fetched as a file.
const BYTES_MAX: u64 = 64 << 20;

/// A comparison, one row a figure.
#[derive(Clone, PartialEq, Debug)]
pub struct Figures {
    pub baseline: String,
    pub confidence: f64,
    pub rows: Vec<Row>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    pub point: String,
    pub policy: String,
    pub measured: Measured,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Measured {
    pub name: String,
    pub value: Option<f64>,
    pub least: Option<f64>,
    pub most: Option<f64>,
    pub difference: Option<Difference>,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Difference {
    pub mean: f64,
    pub interval: Option<Interval>,
    pub is_distinguishable: bool,
}

#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

#[derive(Deserialize)]
struct Written {
    comparison: Comparison,
}

#[derive(Deserialize)]
struct Comparison {
    baseline: String,
    confidence: f64,
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    rules: String,
    policies: Vec<Standing>,
}

#[derive(Deserialize)]
struct Standing {
    policy: String,
    measures: Vec<Measured>,
}

impl Figures {
    /// `None` if there are none that can be read.
    pub fn read(file: &Path) -> Option<Figures> {
        let mut bytes = Vec::new();
        File::open(file).ok()?.take(BYTES_MAX).read_to_end(&mut bytes).ok()?;
        let Written { comparison: Comparison { baseline, confidence, points } } =
            serde_json::from_slice(&bytes).ok()?;
        let mut rows = Vec::new();
        for Point { rules, policies } in points {
            for Standing { policy, measures } in policies {
                let row = |measured| Row { point: rules.clone(), policy: policy.clone(), measured };
                rows.extend(measures.into_iter().map(row));
            }
        }
        Some(Figures { baseline, confidence, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_figure_of_a_policy_at_a_point() {
        let text = r#"{ "served": 5, "comparison": { "scenario": "x", "baseline": "a", "confidence": 0.9, "points": [
            { "rules": "vehicles = 4", "policies": [
                { "policy": "a", "is_efficient": null, "measures": [{ "name": "km", "value": 1.5, "least": 1, "most": 2, "difference": null }] },
                { "policy": "b", "is_efficient": null, "measures": [{ "name": "km", "value": null, "least": null, "most": null,
                    "difference": { "mean": -0.5, "interval": { "low": -1, "high": 0.25 }, "is_distinguishable": false } }] } ] } ] } }"#;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let figures = Figures::read(file.path()).unwrap();
        assert_eq!((figures.baseline.as_str(), figures.confidence, figures.rows.len()), ("a", 0.9, 2));
        assert_eq!((figures.rows[1].point.as_str(), figures.rows[1].policy.as_str()), ("vehicles = 4", "b"));
        let difference = figures.rows[1].measured.difference.clone().unwrap();
        assert_eq!(difference.interval, Some(Interval { low: -1.0, high: 0.25 }));
        std::fs::write(file.path(), &text[..text.len() / 2]).unwrap();
        assert_eq!(Figures::read(file.path()), None);
        assert_eq!(Figures::read(Path::new("nowhere")), None);
    }
}
