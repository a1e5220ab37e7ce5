# Files for the tests of sim/src/demand/parquet, by another writer than our own.
import datetime as dt
import sys

import pyarrow as pa
import pyarrow.parquet as pq

tokyo = dt.timezone(dt.timedelta(hours=9))


def row(number, **other):
    made = dt.datetime(2026, 11, 22, 7, 0, tzinfo=tokyo) + dt.timedelta(minutes=number)
    row = {
        "request_id": f"r{number}",
        "created_at": made,
        "earliest": made + dt.timedelta(hours=1),
        "latest": made + dt.timedelta(minutes=90),
        "from_lat": 54.1509 + number / 1000,
        "from_lon": -4.4815,
        "to_lat": 54.2260,
        "to_lon": -4.6931,
        "seats": 1 + number % 2,
        "wheelchairs": number % 3 // 2,
        "kind": "arrive_by" if number % 4 == 3 else "depart_after",
    }
    return row | other


def schema(time, text=pa.string(), count=pa.int64()):
    kind = {"request_id": text, "kind": pa.dictionary(pa.int32(), pa.string())}
    kind |= dict.fromkeys(["created_at", "earliest", "latest"], time)
    kind |= dict.fromkeys(["seats", "wheelchairs"], count)
    return pa.schema([(name, kind.get(name, pa.float64())) for name in row(0)])


def write(name, rows, schema, **how):
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), f"{sys.argv[1]}/{name}.parquet", row_group_size=5, **how)


good = [row(number) for number in range(12)]
write("snappy", good, schema(pa.timestamp("us", tz="Asia/Tokyo")), compression="snappy")
write("zstd", good, schema(pa.timestamp("ns", tz="UTC"), count=pa.uint8()), compression="zstd", data_page_version="2.0")
texts = [{k: v.isoformat() if isinstance(v, dt.datetime) else v for k, v in each.items()} for each in good]
write("gzip", texts, schema(pa.string(), pa.large_string(), pa.int32()), compression="gzip")
bad = [
    row(0),
    row(1, seats=None),
    row(2, request_id=None, created_at=None),
    row(0),
    row(4, latest=dt.datetime(2026, 11, 22, 7, 0, tzinfo=tokyo)),
    row(5, from_lat=float("nan"), seats=300),
    row(6, kind="leave_at"),
    row(7, kind=None, wheelchairs=-1),
    row(8),
]
write("bad", bad, schema(pa.timestamp("ms", tz="UTC")), compression="snappy")
write("local", good, schema(pa.timestamp("ms")), compression="none")
