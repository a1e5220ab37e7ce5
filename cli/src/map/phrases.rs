//! What a driver is told to do, in words: for people in their language, for programs in words that never change.

use clap::ValueEnum;
use mukae_maps::{CompassPoint, Hand, ManoeuvreKind, Turn};
use mukae_units::TravelTime;

use super::words;

/// In which language people are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Lang {
    En,
    Ja,
}

impl Lang {
    /// By the first of the variables of the environment that speaks about languages.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Lang {
        let spoken = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        if spoken.is_some_and(|value| value.starts_with("ja")) { Lang::Ja } else { Lang::En }
    }

    /// `road` is the name of the road it leads onto, empty if it has none.
    pub(super) fn manoeuvre(self, kind: ManoeuvreKind, road: &str) -> String {
        match self {
            Lang::En => english(kind, road),
            Lang::Ja => japanese(kind, road),
        }
    }

    /// What stands before the two ends of a drive, and before what it was asked under.
    pub(super) fn frame(self) -> [&'static str; 3] {
        match self {
            Lang::En => ["from", "to", "with"],
            Lang::Ja => ["出発地", "目的地", "条件"],
        }
    }

    /// Where a point lies beside a road.
    pub(super) fn away_from(self, away: &str, way: &str) -> String {
        match self {
            Lang::En => format!("{away} from {way}"),
            Lang::Ja => format!("{way} から {away}"),
        }
    }

    pub(super) fn duration(self, time: TravelTime) -> String {
        let text = words::duration(time);
        match self {
            Lang::En => text,
            Lang::Ja => [(" h ", "時間"), (" min ", "分"), (" min", "分"), (" s", "秒")]
                .into_iter()
                .fold(text, |text, (english, japanese)| text.replace(english, japanese)),
        }
    }
}

/// The kind alone, as programs know it.
pub(super) fn kind(kind: ManoeuvreKind) -> &'static str {
    match kind {
        ManoeuvreKind::Depart(_) => "depart",
        ManoeuvreKind::Continue => "continue",
        ManoeuvreKind::Turn(_) => "turn",
        ManoeuvreKind::Fork(_) => "fork",
        ManoeuvreKind::Roundabout { .. } => "roundabout",
        ManoeuvreKind::Arrive(_) => "arrive",
    }
}

/// Where to, or on which side; for programs, too.
pub(super) fn direction(kind: ManoeuvreKind) -> Option<&'static str> {
    match kind {
        ManoeuvreKind::Depart(point) => Some(match point {
            CompassPoint::North => "north",
            CompassPoint::NorthEast => "north_east",
            CompassPoint::East => "east",
            CompassPoint::SouthEast => "south_east",
            CompassPoint::South => "south",
            CompassPoint::SouthWest => "south_west",
            CompassPoint::West => "west",
            CompassPoint::NorthWest => "north_west",
        }),
        ManoeuvreKind::Turn(turn) => Some(match turn {
            Turn::Straight => "straight",
            Turn::SlightLeft => "slight_left",
            Turn::Left => "left",
            Turn::SharpLeft => "sharp_left",
            Turn::SlightRight => "slight_right",
            Turn::Right => "right",
            Turn::SharpRight => "sharp_right",
            Turn::Back => "back",
        }),
        ManoeuvreKind::Fork(hand) | ManoeuvreKind::Arrive(Some(hand)) => Some(english_hand(hand)),
        ManoeuvreKind::Continue | ManoeuvreKind::Roundabout { .. } | ManoeuvreKind::Arrive(None) => None,
    }
}

fn english(kind: ManoeuvreKind, road: &str) -> String {
    let with_road = |told: String, word: &str| if road.is_empty() { told } else { format!("{told} {word} {road}") };
    match kind {
        ManoeuvreKind::Depart(_) => {
            let point = direction(kind).expect("a departure has one").replace('_', "-");
            with_road(format!("Head {point}"), "on")
        }
        ManoeuvreKind::Continue => with_road("Continue".to_owned(), "on"),
        ManoeuvreKind::Turn(turn) => {
            let told = match turn {
                Turn::Straight => "Go straight on",
                Turn::SlightLeft => "Bear left",
                Turn::Left => "Turn left",
                Turn::SharpLeft => "Turn sharp left",
                Turn::SlightRight => "Bear right",
                Turn::Right => "Turn right",
                Turn::SharpRight => "Turn sharp right",
                Turn::Back => "Make a U-turn",
            };
            with_road(told.to_owned(), if turn == Turn::Straight { "along" } else { "onto" })
        }
        ManoeuvreKind::Fork(hand) => with_road(format!("Keep {}", english_hand(hand)), "on"),
        ManoeuvreKind::Roundabout { exit: Some(exit) } => {
            with_road(format!("At the roundabout take the {} exit", ordinal(exit)), "onto")
        }
        ManoeuvreKind::Roundabout { exit: None } => "Enter the roundabout".to_owned(),
        ManoeuvreKind::Arrive(Some(hand)) => format!("Arrive, on the {}", english_hand(hand)),
        ManoeuvreKind::Arrive(None) => "Arrive".to_owned(),
    }
}

fn english_hand(hand: Hand) -> &'static str {
    match hand {
        Hand::Left => "left",
        Hand::Right => "right",
    }
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (1, hundredth) if hundredth != 11 => "st",
        (2, hundredth) if hundredth != 12 => "nd",
        (3, hundredth) if hundredth != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// As navigation in Japanese cars says it; a road without a name leaves the manoeuvre alone.
fn japanese(kind: ManoeuvreKind, road: &str) -> String {
    let onto = |alone: &str, joined: &str| {
        if road.is_empty() { alone.to_owned() } else { format!("{joined}「{road}」へ") }
    };
    match kind {
        ManoeuvreKind::Depart(point) => {
            let point = match point {
                CompassPoint::North => "北",
                CompassPoint::NorthEast => "北東",
                CompassPoint::East => "東",
                CompassPoint::SouthEast => "南東",
                CompassPoint::South => "南",
                CompassPoint::SouthWest => "南西",
                CompassPoint::West => "西",
                CompassPoint::NorthWest => "北西",
            };
            if road.is_empty() { format!("{point}へ出発") } else { format!("「{road}」を{point}へ出発") }
        }
        ManoeuvreKind::Continue => onto("道なりに進む", "道なりに進み"),
        ManoeuvreKind::Turn(turn) => match turn {
            Turn::Straight => onto("直進", "直進して"),
            Turn::SlightLeft => onto("斜め左へ進む", "斜め左へ進み"),
            Turn::Left => onto("左折", "左折して"),
            Turn::SharpLeft => onto("左手前へ曲がる", "左手前へ曲がり"),
            Turn::SlightRight => onto("斜め右へ進む", "斜め右へ進み"),
            Turn::Right => onto("右折", "右折して"),
            Turn::SharpRight => onto("右手前へ曲がる", "右手前へ曲がり"),
            Turn::Back => onto("Uターン", "Uターンして"),
        },
        ManoeuvreKind::Fork(Hand::Left) => onto("分岐を左へ進む", "分岐を左へ進み"),
        ManoeuvreKind::Fork(Hand::Right) => onto("分岐を右へ進む", "分岐を右へ進み"),
        ManoeuvreKind::Roundabout { exit: Some(exit) } => {
            let exit = format!("ロータリー（環状交差点）の{exit}番目の出口");
            onto(&format!("{exit}を出る"), &format!("{exit}から"))
        }
        ManoeuvreKind::Roundabout { exit: None } => "ロータリー（環状交差点）に入る".to_owned(),
        ManoeuvreKind::Arrive(Some(Hand::Left)) => "到着（左側）".to_owned(),
        ManoeuvreKind::Arrive(Some(Hand::Right)) => "到着（右側）".to_owned(),
        ManoeuvreKind::Arrive(None) => "到着".to_owned(),
    }
}

/// Right-aligned to a width in a terminal, where Japanese characters fill two columns.
pub(super) fn right(text: &str, width: usize) -> String {
    let filled: usize = text.chars().map(|char| if char < '\u{2e80}' { 1 } else { 2 }).sum();
    format!("{}{text}", " ".repeat(width.saturating_sub(filled)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every kind there is, once.
    fn all() -> Vec<ManoeuvreKind> {
        let points = (0..8).map(|eighth| {
            let bearing = mukae_maps::Bearing::from_degrees(eighth * 45);
            ManoeuvreKind::Depart(CompassPoint::of(bearing))
        });
        let turns = [0, -30, -90, -150, 30, 90, 150].map(Turn::of).into_iter().chain([Turn::Back]);
        let hands = [Hand::Left, Hand::Right];
        let mut all: Vec<ManoeuvreKind> = points.chain(turns.map(ManoeuvreKind::Turn)).collect();
        all.extend(hands.map(ManoeuvreKind::Fork));
        all.extend(hands.map(|hand| ManoeuvreKind::Arrive(Some(hand))));
        all.extend([ManoeuvreKind::Continue, ManoeuvreKind::Arrive(None)]);
        all.extend([None, Some(1), Some(2)].map(|exit| ManoeuvreKind::Roundabout { exit }));
        all
    }

    #[test]
    fn every_kind_has_words_of_its_own() {
        for road in ["", "High Street"] {
            for lang in [Lang::En, Lang::Ja] {
                let told: BTreeSet<String> = all().into_iter().map(|kind| lang.manoeuvre(kind, road)).collect();
                assert_eq!(told.len(), all().len(), "{told:?}");
                let is_japanese = |text: &String| text.chars().any(|char| '\u{2e80}' <= char);
                assert!(told.iter().all(|text| is_japanese(text) == (lang == Lang::Ja)), "{told:?}");
                let named = told.iter().filter(|text| !road.is_empty() && text.contains(road)).count();
                assert_eq!(named, if road.is_empty() { 0 } else { all().len() - 4 }, "{told:?}");
            }
        }
        let words: BTreeSet<_> = all().into_iter().map(|each| (kind(each), direction(each))).collect();
        assert_eq!(words.len(), all().len() - 2, "roundabouts differ by their exit");
    }

    #[test]
    fn people_are_told_in_their_own_words() {
        let rows = [
            (ManoeuvreKind::Depart(CompassPoint::NorthEast), "Head north-east on A1", "「A1」を北東へ出発"),
            (ManoeuvreKind::Turn(Turn::Right), "Turn right onto A1", "右折して「A1」へ"),
            (ManoeuvreKind::Turn(Turn::SlightRight), "Bear right onto A1", "斜め右へ進み「A1」へ"),
            (ManoeuvreKind::Turn(Turn::Back), "Make a U-turn onto A1", "Uターンして「A1」へ"),
            (
                ManoeuvreKind::Roundabout { exit: Some(2) },
                "At the roundabout take the 2nd exit onto A1",
                "ロータリー（環状交差点）の2番目の出口から「A1」へ",
            ),
            (ManoeuvreKind::Arrive(Some(Hand::Left)), "Arrive, on the left", "到着（左側）"),
        ];
        for (kind, english, japanese) in rows {
            assert_eq!(
                (Lang::En.manoeuvre(kind, "A1"), Lang::Ja.manoeuvre(kind, "A1")),
                (english.into(), japanese.into())
            );
        }
        assert_eq!([1, 2, 3, 4, 11, 12, 13, 21].map(ordinal).join(" "), "1st 2nd 3rd 4th 11th 12th 13th 21st");
        let times = [0, 754_000, 3_720_000].map(|ms| Lang::Ja.duration(TravelTime::from_millis(ms)));
        assert_eq!(times, ["0秒", "12分34秒", "1時間02分"]);
    }

    #[test]
    fn the_environment_tells_the_language() {
        let of = |variables: &[(&str, &str)]| {
            let variables = variables.to_vec();
            Lang::of(move |name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
        };
        assert_eq!(of(&[]), Lang::En);
        assert_eq!(of(&[("LANG", "ja_JP.UTF-8")]), Lang::Ja);
        assert_eq!(of(&[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C")]), Lang::En);
        assert_eq!(of(&[("LANG", "de_DE"), ("LC_ALL", ""), ("LC_MESSAGES", "ja")]), Lang::Ja);
    }
}
