//! Tables as Parquet: text and whole numbers, one row group, no null, not compressed; any reader reads it.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::Field;
use parquet::schema::types::Type;

use super::{Cell, Table};

impl Table {
    pub fn write_parquet(&self, out: impl Write + Send) -> Result<(), ParquetError> {
        let fields = (0..self.columns.len()).map(|column| self.field(column)).collect::<Result<_, _>>()?;
        let schema = Type::group_type_builder("results").with_fields(fields).build()?;
        // The writer's own name and version would change the bytes with the library.
        let properties = WriterProperties::builder().set_created_by("mukae".to_owned()).build();
        let mut file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        let mut group = file.next_row_group()?;
        for column in 0..self.columns.len() {
            let mut writer = group.next_column()?.expect("the schema has as many columns");
            if self.is_text(column) {
                let texts: Vec<ByteArray> =
                    self.rows.iter().map(|row| ByteArray::from(row[column].to_string().into_bytes())).collect();
                writer.typed::<ByteArrayType>().write_batch(&texts, None, None)?;
            } else {
                let wholes: Vec<i64> = self.rows.iter().filter_map(|row| whole(&row[column])).collect();
                writer.typed::<Int64Type>().write_batch(&wholes, None, None)?;
            }
            writer.close()?;
        }
        group.close()?;
        file.close()?;
        Ok(())
    }

    /// What [`write_parquet`](Table::write_parquet) wrote.
    pub fn read_parquet(file: File) -> Result<Table, ParquetError> {
        let reader = SerializedFileReader::new(file)?;
        let schema = reader.metadata().file_metadata().schema();
        let columns = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
        let mut rows = Vec::new();
        for row in reader.get_row_iter(None)? {
            let cell = |(name, field): (&String, &Field)| match field {
                Field::Str(text) => Ok(Cell::Text(text.clone())),
                Field::Long(whole) => Ok(Cell::Whole(*whole)),
                other => Err(ParquetError::General(format!("column {name} holds {other}, not text or a whole number"))),
            };
            rows.push(row?.get_column_iter().map(cell).collect::<Result<_, _>>()?);
        }
        Ok(Table { columns, rows })
    }

    fn is_text(&self, column: usize) -> bool {
        self.rows.iter().any(|row| matches!(row[column], Cell::Text(_)))
    }

    fn field(&self, column: usize) -> Result<Arc<Type>, ParquetError> {
        let name = self.columns[column].as_str();
        let builder = if self.is_text(column) {
            Type::primitive_type_builder(name, PhysicalType::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String))
                .with_converted_type(ConvertedType::UTF8)
        } else {
            Type::primitive_type_builder(name, PhysicalType::INT64)
        };
        Ok(Arc::new(builder.with_repetition(Repetition::REQUIRED).build()?))
    }
}

fn whole(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Whole(whole) => Some(*whole),
        Cell::Text(_) => None,
    }
}
