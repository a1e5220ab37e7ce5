//! Roads that close and open: the office's measures, and the dispatcher told of them.

use mukae_engine::{Answer, Command, RoadsBefore, Work};
use mukae_maps::overlay::Measure;
use mukae_maps::{Place, TravelTimes};
use mukae_office::{Fact, MeasureId, RoadMeasure};
use mukae_proto::transit::operations::v1 as pb;

use super::{Area, ours};
use crate::errors::Fault;
use crate::names::{AreaName, RoadMeasureName};
use crate::shell::input::{List, NewMeasure, Signed};
use crate::wire::listed;
use crate::wire::to_proto;

impl Area {
    pub(super) fn create_road_measure(&mut self, signed: Signed<NewMeasure>) -> Result<pb::RoadMeasure, Fault> {
        let Signed { origin, wish, .. } = signed;
        self.check_area(&wish.area)?;
        let id = match self.recalled_note(&origin)? {
            Some(about) => MeasureId(about),
            None => {
                let edges = wish.roads.selection().edges(self.map.graph());
                let edges = edges.map_err(|error| Fault::invalid_field("road_measure.roads", error.to_string()))?;
                let (from, until) = (wish.from, wish.until);
                if until.is_some_and(|until| until <= self.now()) {
                    return Err(Fault::invalid_field("road_measure.end_time", "after now"));
                }
                let id = self.annals.office().next_measure();
                let measure = Measure { note: wish.note, effect: wish.effect, edges, from, until };
                let fact = Fact::MeasureOrdered(RoadMeasure { id, measure, told: wish.roads });
                self.take_fact(&origin, fact, (&wish.area.to_string(), "road_measure.note"))?;
                self.follow_measures()?;
                id
            }
        };
        self.get_road_measure(RoadMeasureName { area: wish.area, measure: id })
    }

    pub(super) fn get_road_measure(&mut self, name: RoadMeasureName) -> Result<pb::RoadMeasure, Fault> {
        let ordered = self.measure(&name)?;
        Ok(to_proto::road_measure(&self.view(), ordered, true))
    }

    pub(super) fn list_road_measures(&mut self, list: List<AreaName>) -> Result<pb::ListRoadMeasuresResponse, Fault> {
        self.check_area(&list.parent)?;
        let view = self.view();
        let found = self.annals.office().measures().range(MeasureId(list.page.range_start())..);
        let drawn = found.map(|(id, ordered)| (id.0, to_proto::road_measure(&view, ordered, false)));
        let (road_measures, next_page_token) = list.sieve.cut(&list.page, listed::MEASURES, drawn);
        Ok(pb::ListRoadMeasuresResponse { road_measures, next_page_token })
    }

    pub(super) fn end_road_measure(&mut self, signed: Signed<RoadMeasureName>) -> Result<pb::RoadMeasure, Fault> {
        let Signed { origin, wish: name, .. } = signed;
        if self.recalled_note(&origin)?.is_none() {
            let measure = self.measure(&name)?.id;
            self.take_fact(&origin, Fact::MeasureLifted { measure }, (&name.to_string(), "name"))?;
            self.follow_measures()?;
        }
        self.get_road_measure(name)
    }

    /// Puts the measures that hold now into service, if they are not, and tells the dispatcher.
    pub(super) fn follow_measures(&mut self) -> Result<(), Fault> {
        let now = self.now();
        let holding = self.annals.office().measures_at(now);
        if holding == *self.annals.office().in_force() {
            return Ok(());
        }
        let (changes, mut before) = self.road_service.change(self.annals.office(), &holding, &mut self.roads);
        let command = Command::RoadsChanged { metric: self.roads.metric() };
        let may_differ = |from: Place, to: Place| changes.may_differ(from, to);
        let before = RoadsBefore { roads: &mut before, may_differ: &may_differ };
        let mut work = Work::after_change(&mut self.roads, before);
        let written = self.scribe.take(now, &ours("roads"), command, &mut work);
        self.memory = work.into_memory();
        match self.note_written(written)?.answer {
            Answer::Noted => Ok(()),
            other => Err(Fault::bug(other)),
        }
    }

    fn measure(&self, name: &RoadMeasureName) -> Result<&RoadMeasure, Fault> {
        self.check_area(&name.area)?;
        self.annals.office().measures().get(&name.measure).ok_or_else(|| Fault::not_found(name))
    }
}
