use super::*;
use jiff::civil::date;
use mukae_units::Time;

const STOPS: &str = "stop_id,stop_code,stop_name,stop_lat,stop_lon\n\
                     1,,神明駅,35.9728,136.1815\n2,,公民館,35.9707,136.1787\n3,,公民館,35.9708,136.1788\n\
                     4,,学校,35.9,136.1\n5,,学校,35.95,136.1\n6,,口,,\n1,,again,35,136\n";

fn told(table: &str, zone: &str) -> (Vec<(String, i64)>, Vec<String>, usize) {
    let stops = read_stops(STOPS.as_bytes()).unwrap();
    assert_eq!((stops.len(), stops.problems.len()), (5, 3), "{:?}", stops.problems);
    let counted = Counted {
        zone: TimeZone::get(zone).unwrap(),
        date: date(2026, 11, 24),
        seed: 1,
        wait_max: Span::from_mins(30),
    };
    let table = read(table.as_bytes(), &stops, &counted, Strictness::Lenient).unwrap();
    let hours = |time: Time| (time.as_unix_millis() / 1000).div_euclid(60);
    let rows = table.rows.iter().map(|row| (row.id.clone(), hours(row.created_at))).collect();
    (rows, table.problems.iter().map(ToString::to_string).collect(), table.dropped)
}

/// Minutes since the epoch at midnight of the day of the tests, in Japan.
fn midnight() -> i64 {
    date(2026, 11, 24).to_zoned(TimeZone::get("Asia/Tokyo").unwrap()).unwrap().timestamp().as_second() / 60
}

#[test]
fn everybody_counted_asks_once() {
    let table = "from_stop,to_stop,time,count\n1,公民館,08:15,2\n公民館,1,25:10:00,1\n2,1,9,0\n";
    let (rows, problems, dropped) = told(table, "Asia/Tokyo");
    assert_eq!((problems.len(), dropped), (0, 0), "{problems:?}");
    let eight = midnight() + 8 * 60 + 15;
    let after = midnight() + 25 * 60 + 10;
    assert_eq!(rows, [("line 2/1".into(), eight), ("line 2/2".into(), eight), ("line 3/1".into(), after)]);
}

#[test]
fn an_hour_is_spread_over_its_minutes_and_a_japanese_table_is_read() {
    let table = "\u{feff}日付,時刻,乗車停留所,降車停留所,人数\n2026-11-25,8時,神明駅,公民館,200\n";
    let (rows, problems, _) = told(table, "Asia/Tokyo");
    assert_eq!((rows.len(), problems.len()), (200, 0), "{problems:?}");
    let eight = midnight() + (24 + 8) * 60;
    assert!(rows.iter().all(|(_, minute)| (eight..eight + 60).contains(minute)));
    let first_half = rows.iter().filter(|(_, minute)| *minute < eight + 30).count();
    assert!((70..130).contains(&first_half), "{first_half}");
    assert_eq!(told(table, "Asia/Tokyo").0, rows, "the same seed, the same moments");
}

#[test]
fn what_can_not_be_used_is_told_with_line_and_column() {
    let table = "from_stop,to_stop,time,count,date\n\
                 9,学校,8:70,x,2026-13-01\n1,1,8,1,\n1,2,48,1,\n1,2,8,10001,\n,2,8,1,\n1,2,8\n1,2,8,1,2026-11-24\n";
    let (rows, problems, dropped) = told(table, "Asia/Tokyo");
    assert_eq!((rows.len(), dropped), (1, 6));
    let starts = [
        "line 2, from_stop: there is no stop `9`; the stop_id",
        "line 2, to_stop: `学校` is the name of stops far apart: 4, 5; the id of one",
        "line 2, time: `8:70` is no time of a service day; an hour",
        "line 2, count: `x` is not right; how many",
        "line 2, date: `2026-13-01` is not right; a day such as",
        "line 3, to_stop: it is where they boarded, too; another stop",
        "line 4, time: `48` is no time of a service day",
        "line 5, count: 10001 persons at once",
        "line 6, from_stop: it is empty",
        "line 7, row: 3 cells; the first line has 5",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert!(problem.starts_with(start), "{problem}");
    }
}

/// In Berlin on 29 March 2026 it is never half past two; on 25 October it is so twice.
#[test]
fn clocks_that_are_changed() {
    let table =
        "from_stop,to_stop,time,count,date\n1,2,02:30,1,2026-03-29\n1,2,26:30,1,2026-03-28\n1,2,02:30,1,2026-10-25\n";
    let (rows, problems, dropped) = told(table, "Europe/Berlin");
    assert_eq!((rows.len(), dropped), (1, 2));
    let skipped = "2026-03-29T02:30:00 is skipped where clocks go forward";
    assert!(problems.iter().all(|problem| problem.contains(skipped)), "{problems:?}");
    let first = date(2026, 10, 25).at(0, 30, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().as_second() / 60;
    assert_eq!(rows[0].1, first, "02:30 of summer is 00:30 in Greenwich");
}

#[test]
fn no_damage_is_too_much() {
    let table = "from_stop,to_stop,time,count,date\n1,公民館,08:15,2,2026-11-24\n1,2,9,1,\n";
    let stops = read_stops(STOPS.as_bytes()).unwrap();
    let counted = Counted { zone: TimeZone::UTC, date: Date::MAX, seed: 1, wait_max: Span::from_mins(30) };
    for at in 0..table.len() {
        for byte in [0, b',', b'"', b'\n', b'9', b'-', 0xff] {
            let mut bytes = table.as_bytes().to_vec();
            bytes[at] = byte;
            _ = read(bytes.as_slice(), &stops, &counted, Strictness::Lenient);
            _ = read_stops(bytes.as_slice());
        }
    }
}
