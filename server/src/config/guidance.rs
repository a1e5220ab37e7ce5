//! How an area's vehicles go ahead of demand: settings that were tuned, and the forecast beside them.

use std::io;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use mukae_maps::PreparedMap;
use mukae_supply::settings::{Here, Settings, SettingsError};
use mukae_supply::{Following, Model, ModelError, Theta};
use mukae_units::Time;

use super::AreaConfig;

/// A model that was fitted and tuned elsewhere, as the area has loaded it.
#[derive(Clone, PartialEq, Debug)]
pub struct Guidance {
    pub model: Arc<Model>,
    pub theta: Theta,
    pub following: Following,
    /// Of the file, in hexadecimal digits.
    pub digest: String,
    /// Not followed from then on.
    pub expires: Time,
}

/// Why settings can not be used for this area.
#[derive(Debug, thiserror::Error)]
pub enum BadGuidance {
    #[error("`[area.supply] settings`: {file}: cannot be read: {source}")]
    Read { file: String, source: io::Error },
    #[error("`[area.supply] settings`: {file}: {source}")]
    Settings { file: String, source: SettingsError },
    #[error("`[area.supply] settings`: {file}: {source}")]
    Model { file: String, source: ModelError },
    #[error("`[area.supply] settings`: {file}: they expire on {date}, which no clock here reaches")]
    Expiry { file: String, date: Date },
}

impl Guidance {
    /// They are for this area, its map and this program.
    pub fn load(file: &Path, area: &AreaConfig, map: &PreparedMap) -> Result<Guidance, BadGuidance> {
        let name = |file: &Path| file.display().to_string();
        let unread = |file: &Path| {
            let file = name(file);
            move |source| BadGuidance::Read { file, source }
        };
        let wrong = |source| BadGuidance::Settings { file: name(file), source };
        let text = std::fs::read_to_string(file).map_err(unread(file))?;
        let settings = Settings::read(&text).map_err(wrong)?;
        let town = area.name.to_string();
        let here = Here { town: &town, map: map.checksum(), program: env!("CARGO_PKG_VERSION") };
        settings.check(here).map_err(wrong)?;
        let model_file = file.with_file_name(&settings.model_file);
        let bytes = std::fs::read(&model_file).map_err(unread(&model_file))?;
        settings.check_model(&bytes).map_err(wrong)?;
        let model = Model::from_bytes(&bytes, map.graph().edge_count());
        let model = model.map_err(|source| BadGuidance::Model { file: name(&model_file), source })?;
        let expires = super::civil_instant(&area.time_zone, settings.expires, jiff::civil::Time::midnight());
        Ok(Guidance {
            model: Arc::new(model),
            following: settings.theta.following(settings.lost_yen),
            digest: settings.digest(),
            expires: expires.ok_or_else(|| BadGuidance::Expiry { file: name(file), date: settings.expires })?,
            theta: settings.theta,
        })
    }
}
