//! Requests as a Parquet file, with the columns of the table of comma-separated values: `docs/demand-csv.md`.
//!
//! Cells come in batches of a row group, so that a file of any size is read in little memory; what they say is judged by
//! the same code as text is. A line is a row here, counted from 1.

mod store;

use std::fs::File;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::RequestRow;
use super::columns::{self, COLUMNS, Cell, Kind};
use super::csv::{Filling, ReadTableError, Strictness, Table};
use super::row::Found;
use store::{Column, Stored};

/// Rows that are held at once, besides those that are kept.
const BATCH: usize = 4096;
/// Rows of a group that is written.
const GROUP: usize = 1 << 16;

/// Reads a whole table.
pub fn read(file: File, strictness: Strictness) -> Result<Table, ReadTableError> {
    // The library asserts what a sound file fulfils; of a damaged one this is the end of the reading, and of no more.
    panic::catch_unwind(AssertUnwindSafe(|| read_sound(file, strictness))).unwrap_or_else(|_| {
        Err(ReadTableError::Columns { problem: "the file is damaged: what it says of itself is impossible".to_owned() })
    })
}

fn read_sound(file: File, strictness: Strictness) -> Result<Table, ReadTableError> {
    let reader = SerializedFileReader::new(file)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let of_columns = |problem| ReadTableError::Columns { problem };
    let names: Vec<&str> = schema.root_schema().get_fields().iter().map(|field| field.name()).collect();
    let position_of = columns::positions(&names).map_err(of_columns)?;
    // A column of columns has several leaves; then names and leaves do not go together.
    let nested = schema.root_schema().get_fields().iter().find(|field| !field.is_primitive());
    if let Some(nested) = nested {
        return Err(of_columns(format!("{} holds several values a row; one is right", nested.name())));
    }
    let mut stored = Vec::with_capacity(COLUMNS.len());
    for (column, &position) in COLUMNS.iter().zip(&position_of) {
        let found = position.map(|position| Stored::of(*column, &schema.column(position)));
        stored.push(found.transpose().map_err(of_columns)?);
    }
    let (mut filling, mut line) = (Filling::new(strictness), 0);
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let mut columns = open(&*group, &position_of, &stored)?;
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let mut read = 0;
        while read < rows {
            let count = BATCH.min(rows - read);
            for column in columns.iter_mut().flatten() {
                column.next(count)?;
            }
            for row in 0..count {
                line += 1;
                let found = std::array::from_fn(|at| {
                    let column: Option<&Column> = columns[at].as_ref();
                    column.map_or(Found::Absent, |column| column.found(row))
                });
                filling.row(line, &found)?;
            }
            read += count;
        }
    }
    Ok(filling.finish())
}

fn open(
    group: &dyn RowGroupReader,
    position_of: &[Option<usize>; COLUMNS.len()],
    stored: &[Option<Stored>],
) -> Result<Vec<Option<Column>>, ReadTableError> {
    let mut columns = Vec::with_capacity(COLUMNS.len());
    for (column, (&position, stored)) in COLUMNS.iter().zip(position_of.iter().zip(stored)) {
        let Some((position, stored)) = position.zip(*stored) else {
            columns.push(None);
            continue;
        };
        let compression = group.metadata().column(position).compression();
        if !store::is_readable(compression) {
            let problem = format!("{} is compressed with {compression}; {} are read", column.name, store::READABLE);
            return Err(ReadTableError::Columns { problem });
        }
        columns.push(Some(Column::new(stored, group.get_column_reader(position)?)));
    }
    Ok(columns)
}

/// Writes rows in the order given: times as timestamps in UTC, not compressed, no null.
pub fn write(rows: &[RequestRow], sink: impl Write + Send) -> Result<(), ParquetError> {
    let fields =
        COLUMNS.iter().map(|column| Ok(Arc::new(store::field(*column)?))).collect::<Result<_, ParquetError>>()?;
    let schema = Type::group_type_builder("requests").with_fields(fields).build()?;
    // The writer's own name and version would change the bytes with the library.
    let properties = WriterProperties::builder().set_created_by("mukae".to_owned()).build();
    let mut file = SerializedFileWriter::new(sink, Arc::new(schema), Arc::new(properties))?;
    for rows in rows.chunks(GROUP) {
        let mut group = file.next_row_group()?;
        for (position, column) in COLUMNS.iter().enumerate() {
            let mut writer = group.next_column()?.expect("the schema has as many columns");
            write_column(*column, rows.iter().map(|row| columns::cells(row)[position]), &mut writer)?;
            writer.close()?;
        }
        group.close()?;
    }
    file.close()?;
    Ok(())
}

fn write_column<'a>(
    column: columns::Column,
    cells: impl Iterator<Item = Cell<'a>>,
    writer: &mut SerializedColumnWriter<'_>,
) -> Result<(), ParquetError> {
    match column.kind {
        Kind::Text => {
            let texts: Vec<ByteArray> = cells.filter_map(|cell| Some(ByteArray::from(cell.text()?))).collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
        }
        Kind::Time => {
            let times: Vec<i64> = cells.filter_map(|cell| Some(cell.time()?.as_unix_millis())).collect();
            writer.typed::<Int64Type>().write_batch(&times, None, None)?;
        }
        Kind::Degrees => {
            let degrees: Vec<f64> = cells.filter_map(|cell| Some(f64::from(cell.degrees_e7()?) / 1e7)).collect();
            writer.typed::<DoubleType>().write_batch(&degrees, None, None)?;
        }
        Kind::Count => {
            let counts: Vec<i32> = cells.filter_map(|cell| Some(i32::from(cell.count()?))).collect();
            writer.typed::<Int32Type>().write_batch(&counts, None, None)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
