use mukae_proto::transit::area::v1::Area;
use mukae_proto::transit::booking::v1::Promise;
use mukae_proto::transit::units::v1::Place;

use super::*;

fn time(hour: i64, minute: i64) -> Option<prost_types::Timestamp> {
    // the first of April 2026 in Tokyo
    Some(prost_types::Timestamp { seconds: 1_774_969_200 + hour * 3600 + minute * 60, nanos: 0 })
}

fn snapped(label: &str, kana: &str) -> Option<SnappedPlace> {
    Some(SnappedPlace { label: label.to_owned(), label_kana: kana.to_owned(), ..Default::default() })
}

fn papers() -> Papers {
    let vehicle = "tenants/asahi/vehicles/bus";
    let booking_name = "tenants/asahi/services/ride/bookings/b7";
    let call = |from: (i64, i64), until: (i64, i64)| StopCall {
        booking: booking_name.to_owned(),
        party: Some(Seats { seats: 2, wheelchairs: 1, ..Default::default() }),
        window: Some(TimeWindow { earliest_time: time(from.0, from.1), latest_time: time(until.0, until.1) }),
        is_done: false,
        ..Default::default()
    };
    let stops = vec![
        Stop {
            kind: stop::Kind::Riders as i32,
            place: snapped("桜町公民館", "さくらまちこうみんかん"),
            arrive_time: time(8, 5),
            pickups: vec![call((8, 0), (8, 15))],
            ..Default::default()
        },
        Stop {
            kind: stop::Kind::Riders as i32,
            place: snapped("あさひ総合病院 <正面>", ""),
            arrive_time: time(8, 31),
            dropoffs: vec![call((8, 0), (8, 40))],
            ..Default::default()
        },
        Stop {
            kind: stop::Kind::Break as i32,
            place: snapped("車庫", "しゃこ"),
            arrive_time: time(12, 0),
            service_end_time: time(12, 45),
            ..Default::default()
        },
        Stop {
            kind: stop::Kind::ShiftEnd as i32,
            place: snapped("車庫", ""),
            arrive_time: time(17, 0),
            ..Default::default()
        },
    ];
    let pickup_window = Some(TimeWindow { earliest_time: time(8, 0), latest_time: time(8, 15) });
    let booking = Booking {
        name: booking_name.to_owned(),
        rider: "r-0123456789abcdef".to_owned(),
        requirements: vec!["乗降介助".to_owned()],
        dropoff_place: snapped("あさひ総合病院", ""),
        promise: Some(Promise { pickup_window, ..Default::default() }),
        fare: Some(Fare {
            full_yen: 1200,
            shared_yen: 800,
            payment_means: vec![PaymentMeans::Cash as i32, PaymentMeans::Ticket as i32],
            full_tickets: 3,
            ..Default::default()
        }),
        ..Default::default()
    };
    let left = Booking {
        name: "tenants/asahi/services/ride/bookings/b9".to_owned(),
        state: booking::State::Unassigned as i32,
        vehicle: String::new(),
        ..booking.clone()
    };
    let shift = Shift {
        name: format!("{vehicle}/shifts/s1"),
        start_time: time(8, 0),
        end_time: time(17, 0),
        start_place: Some(Place { label: "車庫".to_owned(), ..Default::default() }),
        driver: "tenants/asahi/drivers/hanako".to_owned(),
        ..Default::default()
    };
    Papers {
        area: Area { display_name: "あさひ町".to_owned(), ..Default::default() },
        vehicles: vec![
            Vehicle { name: vehicle.to_owned(), display_name: "1号車".to_owned(), ..Default::default() },
            Vehicle { name: "tenants/asahi/vehicles/van".to_owned(), ..Default::default() },
        ],
        shifts: vec![shift],
        manifests: vec![Manifest { stops, revision: 42, prediction_time: time(7, 30), ..Default::default() }],
        bookings: vec![booking, left],
        notes: Vec::new(),
    }
}

fn printed(papers: &Papers, vehicle: Option<&str>) -> anyhow::Result<Page> {
    page(&Printing {
        papers,
        zone: &TimeZone::get("Asia/Tokyo").unwrap(),
        day: Date::constant(2026, 4, 1),
        vehicle,
        source: "サーバーから作成",
        printed: "2026-03-31T22:31:00Z".parse().unwrap(),
    })
}

#[test]
fn a_driver_reads_where_when_whom_and_what_to_collect() {
    let page = printed(&papers(), None).unwrap();
    assert_eq!((page.sheets, page.stops), (2, 4), "the van stays where it is; one rider has no vehicle");
    for told in [
        "1号車",
        "2026年4月1日（水）",
        "あさひ町",
        "7:30 時点の予定",
        "印刷 4月1日 7:31",
        "8:00〜17:00",
        "版 42",
        "hanako",
        "<ruby>桜町公民館<rt>さくらまちこうみんかん</rt></ruby>",
        "8:05",
        "2名・車いす1台",
        "予約 b7・r-0123456789abcdef",
        "約束 8:00〜8:15",
        "行先 あさひ総合病院",
        "要件 乗降介助",
        "運賃 1,200円（現金／券3枚・相乗りなら800円）",
        "□不在",
        "□収受",
        "〜12:45",
        "休憩",
        "終了",
        "運賃の合計（相乗り割引の前） 1,200 円",
        "車両未定の予約",
        "予約 b9",
    ] {
        assert!(page.html.contains(told), "{told} is missing in\n{}", page.html);
    }
    assert!(page.html.contains("あさひ総合病院 &lt;正面&gt;"), "a label is no markup");
    for foreign in ["http", "src=", "url(", "<script", "@import", "<link"] {
        assert!(!page.html.contains(foreign), "a page that needs {foreign}");
    }
}

#[test]
fn one_vehicle_is_printed_by_its_name_or_the_end_of_it() {
    let papers = papers();
    for name in ["bus", "tenants/asahi/vehicles/bus"] {
        assert_eq!(printed(&papers, Some(name)).unwrap().sheets, 1);
    }
    let van = printed(&papers, Some("van")).unwrap();
    assert!(van.html.contains("この日の運行予定はありません"));
    assert!(printed(&papers, Some("tram")).unwrap_err().to_string().contains("no vehicle tram"));
    let empty = printed(&Papers::default(), None).unwrap();
    assert!(empty.html.contains("この日の運行予定はありません"), "an empty page says that it is meant to be");
}
