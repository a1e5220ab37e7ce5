//! How the area stands, in numbers, for whoever watches the server.

use mukae_engine::model::{BookingState, ShiftState};

use super::Area;
use crate::errors::Fault;
use crate::metrics::{Stock, alert_kind};
use crate::names::AreaName;

impl Area {
    pub(super) fn take_stock(&mut self, name: AreaName) -> Result<Stock, Fault> {
        self.check_area(&name)?;
        let state = self.scribe.state();
        let mut stock = Stock {
            shifts_open: state.schedules.values().filter(|it| it.state == ShiftState::Open).count() as u64,
            revision: self.annals.area_revision(),
            records: self.scribe.next_sequence(),
            ..Stock::default()
        };
        let is_open = |state: BookingState| !state.is_final() && state != BookingState::Held;
        for booking in state.bookings.values().filter(|booking| is_open(booking.state)) {
            stock.bookings_open += 1;
            stock.promises_at_risk += u64::from(booking.at_risk.any());
        }
        for alert in self.annals.office().alerts().values().filter(|alert| alert.cleared.is_none()) {
            *stock.alerts.entry(alert_kind(&alert.kind)).or_default() += 1;
        }
        Ok(stock)
    }
}
