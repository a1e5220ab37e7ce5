//! A comparison as people read it.

use std::fmt;

use super::{Comparison, Difference, Measured, Standing};

/// Three digits that matter, and no more than two after the point.
fn number(value: f64) -> String {
    if value.abs() < 100.0 && value.fract() != 0.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), number)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison { scenario, replications, days, .. } = self;
        writeln!(f, "{scenario}: {replications} replications of {days} days; counts, km and yen are those of a day")?;
        for point in &self.points {
            writeln!(f)?;
            if !point.rules.is_empty() {
                writeln!(f, "{}", point.rules)?;
            }
            for standing in &point.policies {
                self.show(f, standing)?;
            }
        }
        let confidence = 100.0 * self.confidence;
        let (has_policies, has_points) =
            (self.points.iter().any(|point| 1 < point.policies.len()), 1 < self.points.len());
        let against: Vec<String> = [
            has_policies.then(|| self.baseline.clone()),
            has_points.then(|| format!("{} (behind <)", self.points[self.baseline_point].rules)),
        ]
        .into_iter()
        .flatten()
        .collect();
        write!(f, "\nin brackets: {confidence} % intervals of differences from {}, ", against.join(" and from "))?;
        write!(f, "{} resamples of {} blocks of {} days", self.resamples, self.blocks, self.block_days)?;
        if self.points.iter().flat_map(|point| &point.policies).any(|standing| standing.is_efficient.is_some()) {
            write!(
                f,
                "\n* efficient: nothing here costs no more, serves no fewer, lets none wait longer, and does better in one"
            )?;
        }
        Ok(())
    }
}

impl Comparison {
    fn show(&self, f: &mut fmt::Formatter<'_>, standing: &Standing) -> fmt::Result {
        let mark = if standing.is_efficient == Some(true) { " *" } else { "" };
        let role = if standing.policy == self.baseline { ", the baseline" } else { "" };
        writeln!(f, "  {}{role}{mark}", standing.policy)?;
        for measured in &standing.measures {
            write!(f, "    {:<24}{:>10}", measured.name, shown(measured.value))?;
            match (&measured.difference, &measured.from_baseline_point) {
                (None, None) => writeln!(f, "{}", self.range(measured))?,
                (at_point, across) => {
                    let behind = [(at_point, "   "), (across, "   < ")];
                    let told = behind.iter().filter_map(|(difference, sign)| Some((difference.as_ref()?, sign)));
                    told.into_iter()
                        .try_for_each(|(difference, sign)| write!(f, "{sign}{}", behind_value(difference)))?;
                    writeln!(f)?;
                }
            }
        }
        Ok(())
    }

    fn range(&self, measured: &Measured) -> String {
        match (measured.least, measured.most) {
            (Some(least), Some(most)) if 1 < self.replications => {
                format!("   {} to {} by replication", number(least), number(most))
            }
            _ => String::new(),
        }
    }
}

fn behind_value(difference: &Difference) -> String {
    let sign = if difference.mean < 0.0 { "" } else { "+" };
    let mean = format!("{sign}{}", number(difference.mean));
    match difference.interval {
        None => format!("{mean}  too few days for an interval"),
        Some(interval) => {
            let verdict = if difference.is_distinguishable { "" } else { "  not distinguishable" };
            format!("{mean}  [{}, {}]{verdict}", number(interval.low), number(interval.high))
        }
    }
}
