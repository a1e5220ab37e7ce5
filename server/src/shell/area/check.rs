//! The check before a shift, and the gate that it is.

use mukae_office::{Fact, KEPT, PretripCheck};
use mukae_proto::transit::fleet::v1 as pb;
use mukae_proto::transit::units::v1::ErrorReason;
use mukae_units::{ShiftId, Span};

use super::Area;
use crate::errors::Fault;
use crate::names::{CheckName, ShiftName};
use crate::shell::input::{NewCheck, Signed};
use crate::wire::to_proto;

impl Area {
    pub(super) fn record_pretrip_check(&mut self, signed: Signed<NewCheck>) -> Result<pb::PretripCheck, Fault> {
        let Signed { origin, wish, .. } = signed;
        let name = wish.shift.to_string();
        if self.recalled_note(&origin)?.is_none() {
            let (shift, now) = (self.live_shift(&wish.shift)?, self.now());
            let checked = wish.checked.unwrap_or(now);
            if checked < now - KEPT {
                let days = KEPT.as_millis() / Span::DAY.as_millis();
                return Err(Fault::invalid_field("pretrip_check.check_time", format!("within the last {days} days")));
            }
            let check = PretripCheck {
                shift,
                checked,
                alcohol_ug_per_litre: wish.alcohol_ug_per_litre,
                is_sober: wish.is_sober,
                is_well: wish.is_well,
                is_vehicle_fit: wish.is_vehicle_fit,
                note: wish.note,
            };
            self.take_fact(&origin, Fact::CheckRecorded(check), (&name, "pretrip_check.note"))?;
        }
        self.get_pretrip_check(CheckName(wish.shift))
    }

    pub(super) fn get_pretrip_check(&mut self, name: CheckName) -> Result<pb::PretripCheck, Fault> {
        let shift = self.shift(&name.0)?.shift.id;
        let check = self.annals.office().pretrip_check(shift).ok_or_else(|| Fault::not_found(&name))?;
        Ok(to_proto::pretrip_check(&self.view(), check))
    }

    /// Where the area wants it, nobody sets out unchecked.
    pub(super) fn expect_checked(&self, shift: ShiftId, name: &ShiftName) -> Result<(), Fault> {
        if !self.config.area.pretrip_check_required {
            return Ok(());
        }
        let what = match self.annals.office().pretrip_check(shift) {
            Some(check) if check.is_passed() => return Ok(()),
            Some(_) => "was not passed",
            None => "is missing",
        };
        let message = format!("the check before {name} {what}; record one with RecordPretripCheck");
        Err(Fault::new(ErrorReason::CheckNotPassed, message).with("shift", name))
    }
}
