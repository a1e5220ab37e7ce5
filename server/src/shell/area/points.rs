//! Where riders of a service board: found by how a place is called, or by where one is.

use mukae_maps::geometry::distance;
use mukae_proto::transit::area::v1 as pb;

use super::Area;
use crate::config::MeetingPoint;
use crate::errors::Fault;
use crate::names::{MeetingPointName, ServiceName};
use crate::shell::input::PointList;
use crate::wire::to_proto;

impl Area {
    pub(super) fn get_meeting_point(&mut self, name: MeetingPointName) -> Result<pb::MeetingPoint, Fault> {
        let found = self.points_of(&name.service)?.find(|point| point.id == name.point);
        let point = found.ok_or_else(|| Fault::not_found(&name))?;
        Ok(to_proto::meeting_point(&name.service, point))
    }

    pub(super) fn list_meeting_points(&mut self, list: PointList) -> Result<pb::ListMeetingPointsResponse, Fault> {
        let PointList { service, page, prefix, near } = list;
        let prefix = folded(&prefix);
        let is_called = |point: &&MeetingPoint| {
            [&point.point.label, &point.kana].into_iter().any(|text| folded(text).starts_with(&prefix))
        };
        let mut found: Vec<(Vec<u8>, pb::MeetingPoint)> = Vec::new();
        for point in self.points_of(&service)?.filter(is_called) {
            let mut drawn = to_proto::meeting_point(&service, point);
            let mut key = Vec::new();
            if let Some(near) = near {
                let apart = distance(near.position, point.point.position);
                if near.max.is_some_and(|max| max < apart) {
                    continue;
                }
                drawn.distance_meters = i32::try_from(apart.as_metres()).unwrap_or(i32::MAX);
                key.extend(apart.as_millimetres().to_be_bytes());
            }
            let read_aloud = if point.kana.is_empty() { &point.point.label } else { &point.kana };
            for text in [&folded(read_aloud), &point.point.label, &point.id] {
                key.extend(text.bytes());
                key.push(0);
            }
            found.push((key, drawn));
        }
        found.sort_by(|one, other| one.0.cmp(&other.0));
        let (meeting_points, next_page_token) =
            page.cut_keyed(found.into_iter().map(|(key, drawn)| (key, 0, drawn)).collect());
        Ok(pb::ListMeetingPointsResponse { meeting_points, next_page_token })
    }

    fn points_of(&self, service: &ServiceName) -> Result<impl Iterator<Item = &MeetingPoint>, Fault> {
        if self.config.service(service).is_none() {
            return Err(Fault::not_found(service));
        }
        let of_service =
            move |point: &&MeetingPoint| point.services.as_ref().is_none_or(|services| services.contains(service));
        Ok(self.config.meeting_points.iter().filter(of_service))
    }
}

/// Katakana as hiragana, capital letters as small ones.
fn folded(text: &str) -> String {
    let fold = |letter: char| match letter {
        'ァ'..='ヶ' => char::from_u32(letter as u32 - 0x60).unwrap_or(letter),
        _ => letter,
    };
    text.chars().map(fold).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn katakana_and_hiragana_are_alike() {
        assert_eq!(folded("ヤクバマエ・ヶ"), folded("やくばまえ・ゖ"));
        assert_eq!(folded("Town HALL"), "town hall");
        assert_ne!(folded("か"), folded("が"));
    }
}
