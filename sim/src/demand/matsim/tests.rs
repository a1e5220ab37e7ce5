use std::io::Write;

use super::*;

fn wanted() -> Wanted {
    Wanted {
        mode: "drt".to_owned(),
        plane: Plane::parse("EPSG:32654").unwrap(),
        begin: Time::from_unix_secs(86_400),
        wait_max: Span::from_mins(20),
    }
}

fn told(text: &str) -> (Vec<String>, Vec<String>, usize) {
    let table = super::read(text.as_bytes(), &wanted(), Strictness::Lenient).unwrap();
    let rows = table.rows.iter().map(|row| {
        let after = row.created_at - wanted().begin;
        format!("{} line {} at {}", row.id, row.line, after.as_secs())
    });
    (rows.collect(), table.problems.iter().map(ToString::to_string).collect(), table.dropped)
}

const DAY: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE population SYSTEM "population_v6.dtd">
<population>
  <person id="anna &amp; co">
    <attributes><attribute name="age" class="java.lang.Integer">81</attribute></attributes>
    <plan score="1.0" selected="no">
      <activity type="home" x="500000" y="3950000" end_time="06:00:00"/><leg mode="drt"/>
      <activity type="shop" x="501000" y="3951000"/>
    </plan>
    <plan selected="yes">
      <activity type="home" x="500000.0" y="3950000.0" end_time="07:30:00" ></activity>
      <leg mode="drt" dep_time="07:31:00"><route type="generic">x</route></leg>
      <activity type="shop" x="501000.0" y="3951000.0" end_time="25:10:00" />
      <leg mode="walk"/>
      <activity type="bath" x="501500.0" y="3951000.0" end_time="26:00:30" />
      <leg mode="drt" dep_time="undefined"/>
      <activity type="home" x="500000.0" y="3950000.0"/>
    </plan>
  </person>
</population>
"#;

#[test]
fn legs_of_the_mode_in_the_chosen_plan_become_requests() {
    let (rows, problems, dropped) = told(DAY);
    let after_midnight = 26 * 3600 + 30;
    assert_eq!(rows, ["anna & co/1 line 12 at 27060".to_owned(), format!("anna & co/2 line 16 at {after_midnight}")]);
    assert!(problems.is_empty() && dropped == 0, "{problems:?}");
}

#[test]
fn packed_it_is_the_same() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(DAY.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let table = super::read(packed.as_slice(), &wanted(), Strictness::Strict).unwrap();
    assert_eq!(table, super::read(DAY.as_bytes(), &wanted(), Strictness::Strict).unwrap());
    let cut = super::read(&packed[..packed.len() / 2], &wanted(), Strictness::Lenient);
    assert!(cut.is_err(), "{cut:?}");
}

#[test]
fn version_five_is_read_too() {
    let five = r#"<plans><person id="1"><plan selected="yes">
<act type="h" x="500000" y="3950000" end_time="08:00" /><leg mode="drt"></leg>
<act type="w" x="501000" y="3950000" /></plan></person></plans>"#;
    assert_eq!(told(five).0, ["1/1 line 2 at 28800"]);
}

#[test]
fn what_can_not_be_used_is_told_with_its_line() {
    let (rows, problems, dropped) = told(
        r#"<population><person id="1"><plan>
<activity type="h" x="500000" y="3950000"/>
<leg mode="drt"/>
<activity type="w" x="5" y="3950000" end_time="09:61:00"/>
<leg mode="drt" dep_time="-1"/>
<activity type="w"/>
<leg mode="drt" dep_time="09:00:00"/>
</plan></person>
<person id="1"><plan><leg mode="drt" dep_time="09:00:00"/><activity x="500000" y="3950000"/></plan></person></population>"#,
    );
    assert_eq!((rows.len(), dropped), (0, 4));
    let starts = [
        "line 4, activity after the leg: 5, 3950000 is no point of the coordinate system; metres",
        "line 3, dep_time: neither the leg nor the activity before it says when it departs; hours",
        "line 4, activity before the leg: 5, 3950000 is no point",
        "line 6, activity after the leg: the activity has no coordinates; metres",
        "line 5, dep_time: `-1` is no time of day; hours",
        "line 7, leg: no activity follows the leg; a leg ends at an activity",
        "line 9, person: `1` is the id of line 1 too; every person",
        "line 9, activity before the leg: there is none; metres",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert!(problem.starts_with(start), "{problem}");
    }
    let strict = super::read(DAY.replace("25:10", "x").replace("26:00", "y").as_bytes(), &wanted(), Strictness::Strict);
    assert!(matches!(strict, Err(ReadPopulationError::Row(problem)) if problem.column == "dep_time"));
}

#[test]
fn what_is_no_population_is_an_error() {
    for (text, start) in [
        ("", "there is no <population>"),
        ("<network/>", "there is no <population>"),
        ("<population><person id='1'>", "line 1: "),
        ("<population>\n<person></plan>", "line 2: "),
    ] {
        let error = super::read(text.as_bytes(), &wanted(), Strictness::Lenient).unwrap_err().to_string();
        assert!(error.starts_with(start), "{text}: {error}");
    }
}

/// Every way to cut the file short and to damage a byte of it ends in a table or an error.
#[test]
fn no_damage_is_too_much() {
    for at in 0..DAY.len() {
        _ = super::read(&DAY.as_bytes()[..at], &wanted(), Strictness::Lenient);
        for byte in [0, b'<', b'"', b'9', 0xff] {
            let mut bytes = DAY.as_bytes().to_vec();
            bytes[at] = byte;
            _ = super::read(bytes.as_slice(), &wanted(), Strictness::Lenient);
        }
    }
}
