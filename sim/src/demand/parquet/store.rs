//! How a Parquet file stores a column, and its cells batch by batch.

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::schema::types::{ColumnDescriptor, Type};

use crate::demand::columns::{self, Kind};
use crate::demand::row::Found;

/// What a file may be compressed with.
pub(super) const READABLE: &str = "none, snappy, gzip and zstd";

pub(super) fn is_readable(compression: Compression) -> bool {
    matches!(compression, Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_))
}

/// What the numbers of a column are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stored {
    Text,
    /// Since 1970, in UTC; so many of these are a millisecond.
    Time {
        per_milli: i64,
    },
    Number,
    Whole {
        is_signed: bool,
    },
}

impl Stored {
    /// Or why the column can not be what it is to be.
    pub(super) fn of(column: columns::Column, found: &ColumnDescriptor) -> Result<Stored, String> {
        let stored = if 0 < found.max_rep_level() { None } else { Stored::read(found) };
        let is_right = |stored: &Stored| match column.kind {
            Kind::Text => *stored == Stored::Text,
            Kind::Time => matches!(stored, Stored::Text | Stored::Time { .. }),
            Kind::Degrees => matches!(stored, Stored::Number | Stored::Whole { .. }),
            Kind::Count => matches!(stored, Stored::Whole { .. }),
        };
        stored.filter(is_right).ok_or_else(|| {
            let right = match column.kind {
                Kind::Text => "text is right",
                Kind::Time => "a timestamp in UTC, or text in RFC 3339, is right",
                Kind::Degrees => "a double is right",
                Kind::Count => "a whole number is right",
            };
            format!("{} holds {}; {right}", column.name, name_of(found))
        })
    }

    fn read(found: &ColumnDescriptor) -> Option<Stored> {
        let (logical, converted) = (found.logical_type_ref(), found.converted_type());
        let is_text = matches!(logical, Some(LogicalType::String | LogicalType::Enum | LogicalType::Json))
            || matches!(converted, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON)
            || (logical.is_none() && converted == ConvertedType::NONE);
        match found.physical_type() {
            PhysicalType::BYTE_ARRAY if is_text => Some(Stored::Text),
            PhysicalType::FLOAT | PhysicalType::DOUBLE => Some(Stored::Number),
            PhysicalType::INT32 | PhysicalType::INT64 => match (logical, converted) {
                (Some(LogicalType::Timestamp(stamp)), _) => {
                    let per_milli = match stamp.unit {
                        TimeUnit::MILLIS => 1,
                        TimeUnit::MICROS => 1_000,
                        TimeUnit::NANOS => 1_000_000,
                    };
                    stamp.is_adjusted_to_u_t_c.then_some(Stored::Time { per_milli })
                }
                (Some(LogicalType::Integer(whole)), _) => Some(Stored::Whole { is_signed: whole.is_signed }),
                (None, ConvertedType::TIMESTAMP_MILLIS) => Some(Stored::Time { per_milli: 1 }),
                (None, ConvertedType::TIMESTAMP_MICROS) => Some(Stored::Time { per_milli: 1_000 }),
                (None, ConvertedType::NONE) => Some(Stored::Whole { is_signed: true }),
                _ => None,
            },
            _ => None,
        }
    }
}

fn name_of(found: &ColumnDescriptor) -> String {
    if 0 < found.max_rep_level() {
        return "lists".to_owned();
    }
    match found.logical_type_ref() {
        Some(LogicalType::Timestamp(stamp)) if !stamp.is_adjusted_to_u_t_c => "timestamps without a zone".to_owned(),
        Some(LogicalType::Timestamp(_)) => "timestamps".to_owned(),
        Some(LogicalType::String) => "text".to_owned(),
        Some(logical) => format!("{} as {logical:?}", found.physical_type()),
        None => match found.converted_type() {
            ConvertedType::NONE => found.physical_type().to_string(),
            converted => format!("{} as {converted}", found.physical_type()),
        },
    }
}

/// A column of the schema that is written.
pub(super) fn field(column: columns::Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Time => (PhysicalType::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Kind::Degrees => (PhysicalType::DOUBLE, None),
        Kind::Count => (PhysicalType::INT32, None),
    };
    Type::primitive_type_builder(column.name, physical)
        .with_logical_type(logical)
        .with_repetition(Repetition::REQUIRED)
        .build()
}

/// The cells of a column in one row group.
pub(super) struct Column {
    stored: Stored,
    reader: ColumnReader,
    batch: Vec<Value>,
}

enum Value {
    Null,
    Bytes(ByteArray),
    Long(i64),
    Double(f64),
}

impl Column {
    pub(super) fn new(stored: Stored, reader: ColumnReader) -> Column {
        Column { stored, reader, batch: Vec::new() }
    }

    /// Takes up the next so many rows.
    pub(super) fn next(&mut self, count: usize) -> Result<(), ParquetError> {
        self.batch.clear();
        let batch = &mut self.batch;
        match &mut self.reader {
            ColumnReader::Int32ColumnReader(reader) => {
                // What is stored unsigned has its highest bit where a sign would be.
                let is_signed = self.stored != Stored::Whole { is_signed: false };
                take(reader, count, batch, |value| {
                    Value::Long(if is_signed { i64::from(value) } else { i64::from(value as u32) })
                })
            }
            ColumnReader::Int64ColumnReader(reader) => take(reader, count, batch, Value::Long),
            ColumnReader::FloatColumnReader(reader) => take(reader, count, batch, |value| Value::Double(value.into())),
            ColumnReader::DoubleColumnReader(reader) => take(reader, count, batch, Value::Double),
            ColumnReader::ByteArrayColumnReader(reader) => take(reader, count, batch, Value::Bytes),
            _ => Err(ParquetError::General("the column is not stored as the file's schema says".to_owned())),
        }
    }

    /// What is in this row of the batch.
    pub(super) fn found(&self, row: usize) -> Found<'_> {
        match (&self.batch[row], self.stored) {
            (Value::Null, _) => Found::Null,
            (Value::Bytes(bytes), _) => Found::Bytes(bytes.data()),
            (Value::Double(value), _) => Found::Number(*value),
            (Value::Long(value), Stored::Time { per_milli }) => Found::Millis(value.div_euclid(per_milli)),
            (Value::Long(value), Stored::Whole { is_signed: false }) => Found::Whole(i128::from(*value as u64)),
            (Value::Long(value), _) => Found::Whole(i128::from(*value)),
        }
    }
}

fn take<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    count: usize,
    batch: &mut Vec<Value>,
    value: impl Fn(T::T) -> Value,
) -> Result<(), ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (records, _, _) = reader.read_records(count, Some(&mut levels), None, &mut values)?;
    if records != count {
        return Err(ParquetError::General(format!("the file ends after {records} of {count} rows")));
    }
    let is_full = values.len() == count;
    let mut values = values.into_iter();
    for row in 0..count {
        let is_there = is_full || levels.get(row).is_some_and(|&level| 0 < level);
        batch.push(match is_there.then(|| values.next()).flatten() {
            Some(found) => value(found),
            None => Value::Null,
        });
    }
    Ok(())
}
