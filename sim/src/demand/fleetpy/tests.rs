use super::*;

const NODES: &str = "node_index,is_stop_only,pos_x,pos_y\n7,False,691000.0,5334000.0\n8,False,692000.5,5335000.0\n";

fn table(requests: &str) -> Table {
    let nodes = read_nodes(NODES.as_bytes(), Plane::parse("EPSG:32632").unwrap()).unwrap();
    let found = read_requests(requests.as_bytes(), Strictness::Lenient).unwrap();
    to_rows(found, &nodes, Time::from_unix_secs(1000), Span::from_mins(5))
}

fn told(table: &Table) -> Vec<String> {
    table.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn requests_come_to_coordinates_and_times() {
    let table = table("rq_time,start,end,request_id\n20,8,7,b\n10.5,7,8,a\n");
    assert_eq!((told(&table).len(), table.dropped, table.rows.len()), (0, 0, 2));
    let first = &table.rows[0];
    assert_eq!((first.id.as_str(), first.line), ("a", 3));
    assert_eq!(first.created_at, Time::from_unix_millis(1_010_500));
    assert_eq!(first.window.latest() - first.window.earliest(), Span::from_mins(5));
    assert!((48.1..48.2).contains(&(f64::from(first.from.lat_e7()) / 1e7)), "{}", first.from);
}

#[test]
fn reservations_are_fetched_later_than_they_are_made() {
    let table = table(",rq_time,start,end,request_id,earliest_pickup_time\n0,0,7,8,0,194\n1,5,7,8,1,\n");
    assert_eq!(table.rows[0].window.earliest() - table.rows[0].created_at, Span::from_secs(194));
    assert_eq!(table.rows[1].window.earliest(), table.rows[1].created_at);
}

#[test]
fn what_can_not_be_used_is_told_with_line_and_column() {
    let table = table(
        "rq_time,start,end,request_id,earliest_pickup_time\n-3,7,8,0,\n1,7,9,1,\n2,x,8,2,\n3,7,8,3,1\n4,7,8,4,\n5,7,8,4,\n",
    );
    assert_eq!((table.rows.len(), table.dropped), (1, 5));
    let mut lines = told(&table);
    lines.sort();
    assert_eq!(
        lines,
        [
            format!("line 2, rq_time: -3 is not between 0 and {SECONDS_MAX}; {SECONDS}"),
            "line 3, end: there is no node 9; a node of the table of nodes".to_owned(),
            format!("line 4, start: `x` is not right; {NODE}"),
            "line 5, earliest_pickup_time: 1 is before rq_time; nobody asks for a time that has passed".to_owned(),
            "line 7, request_id: `4` is the id of line 6 too; every request has an id of its own".to_owned(),
        ]
    );
    let strict = read_requests("rq_time,start,end,request_id\nx,7,8,0\n".as_bytes(), Strictness::Strict);
    assert!(matches!(strict, Err(ReadSheetError::Row(problem)) if problem.column == "rq_time"));
}
