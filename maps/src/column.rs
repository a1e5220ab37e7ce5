//! Read-only columns of numbers that lie in memory of their own or in a mapped file, and look the same.
//!
//! One of two files of this room that may say `unsafe` (the other is the kernel of labels): to map a file, and
//! to let a column remember the slice it stands for, so that reading an entry costs what it costs in a vector.
//!
//! **What a mapping asks of the world.** The bytes of a mapped file must stay what they are. A file that
//! is written to in place changes under us; one that is cut short kills the process (SIGBUS) when a page
//! that is gone is touched. No program can check this once and rely on it. So we never do it: a map is
//! replaced by renaming a new file over it (`store/write.rs`), which leaves the old file, without its
//! name, to those who have it open. Operators must do the same: `mv`, not `cp`, over a map in use.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::ptr::NonNull;
use std::sync::Arc;

use bytemuck::Pod;
use memmap2::Mmap;
use mukae_units::TravelTime;

/// What a column may consist of. Any bits are a valid one.
pub(crate) trait Number: Pod + Send + Sync {
    /// Bytes of each number in it: what must be turned round where the byte order differs.
    const WIDTH: usize;
}

impl Number for u8 {
    const WIDTH: usize = 1;
}

impl Number for u32 {
    const WIDTH: usize = 4;
}

impl Number for TravelTime {
    const WIDTH: usize = 4;
}

/// Latitude and longitude.
impl Number for [i32; 2] {
    const WIDTH: usize = 4;
}

impl Number for u64 {
    const WIDTH: usize = 8;
}

impl Number for i64 {
    const WIDTH: usize = 8;
}

/// The bytes of a whole file, mapped or in memory. Neither moves nor changes while it lives.
#[derive(Debug)]
pub(crate) struct FileBytes(Bytes);

#[derive(Debug)]
enum Bytes {
    Mapped(Mmap),
    Owned(Vec<u8>),
}

impl FileBytes {
    /// Maps all of `file`, for reading only.
    pub(crate) fn map(file: &File) -> io::Result<FileBytes> {
        // SAFETY: the mapping is private and read only, and this module hands out shared slices of it
        // and nothing else. That nobody writes to the file or cuts it is what the head of this file asks
        // of everybody else; we ourselves only ever replace maps by renaming.
        let mapped = unsafe { Mmap::map(file) }?;
        Ok(FileBytes(Bytes::Mapped(mapped)))
    }

    pub(crate) fn owned(bytes: Vec<u8>) -> FileBytes {
        FileBytes(Bytes::Owned(bytes))
    }
}

impl Deref for FileBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Mapped(mapped) => mapped,
            Bytes::Owned(bytes) => bytes,
        }
    }
}

/// A column; cloning one copies no numbers.
#[derive(Clone)]
pub(crate) struct Column<T: Number> {
    /// Lies in `owner`. No reference: one that a function is given must hold until the function ends, and a
    /// column that is dropped takes its items along before that.
    items: NonNull<[T]>,
    /// Only kept, never read.
    _owner: Owner<T>,
}

// SAFETY: a column is a shared slice and a shared owner of it, and hands out shared references alone. Numbers
// may be sent and shared, see `Number`.
unsafe impl<T: Number> Send for Column<T> {}
// SAFETY: as above.
unsafe impl<T: Number> Sync for Column<T> {}

#[derive(Clone)]
enum Owner<T: Number> {
    Own(Arc<Vec<T>>),
    File(Arc<FileBytes>),
}

impl<T: Number> Column<T> {
    /// The column of the numbers that `items` are. The slice must lie in what `owner` owns.
    fn new(owner: Owner<T>, items: impl for<'a> FnOnce(&'a Owner<T>) -> &'a [T]) -> Column<T> {
        let items = NonNull::from(items(&owner));
        Column { items, _owner: owner }
    }
}

impl<T: Number> Column<T> {
    /// A part of a file, little-endian; `None` if its length is no whole number of entries, or if the
    /// part is not in the file. A copy where the part cannot be read as it lies: on a big-endian
    /// machine, or if the file was read to an odd address.
    pub(crate) fn of_file(file: &Arc<FileBytes>, part: Range<usize>) -> Option<Column<T>> {
        let bytes = file.get(part.clone())?;
        if bytes.len() % size_of::<T>() != 0 {
            return None;
        }
        if cfg!(target_endian = "big") || bytemuck::try_cast_slice::<u8, T>(bytes).is_err() {
            return Some(Column::from(copied(bytes)));
        }
        Some(Column::new(Owner::File(Arc::clone(file)), |owner| match owner {
            Owner::File(file) => bytemuck::cast_slice(&file[part]),
            Owner::Own(_) => unreachable!("made of a file in this call"),
        }))
    }

    /// As a file keeps it, little-endian.
    pub(crate) fn file_bytes(&self) -> Cow<'_, [u8]> {
        let bytes: &[u8] = bytemuck::cast_slice(self);
        if cfg!(target_endian = "big") { Cow::Owned(turned(bytes, T::WIDTH)) } else { Cow::Borrowed(bytes) }
    }
}

/// Numbers out of little-endian bytes, wherever they lie.
fn copied<T: Number>(bytes: &[u8]) -> Vec<T> {
    if cfg!(target_endian = "big") {
        bytemuck::pod_collect_to_vec(&turned(bytes, T::WIDTH))
    } else {
        bytemuck::pod_collect_to_vec(bytes)
    }
}

/// Each number of `width` bytes the other way round.
fn turned(bytes: &[u8], width: usize) -> Vec<u8> {
    bytes.chunks(width).flat_map(|number| number.iter().rev().copied()).collect()
}

impl<T: Number> From<Vec<T>> for Column<T> {
    fn from(items: Vec<T>) -> Column<T> {
        Column::new(Owner::Own(Arc::new(items)), |owner| match owner {
            Owner::Own(items) => items,
            Owner::File(_) => unreachable!("made of a vector in this call"),
        })
    }
}

impl<T: Number> FromIterator<T> for Column<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Column<T> {
        Column::from(Vec::from_iter(items))
    }
}

impl<T: Number> Deref for Column<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `Column::new` had `items` borrow from the owner, by its type, or from nothing that ends. Both
        // kinds of owner keep their items behind an `Arc` and a pointer (a vector's buffer, a mapping), so that
        // they stay where they are when the column is moved, and never change. The owner lives as long as the
        // column, and the slice is handed out for no longer than the column is borrowed.
        unsafe { self.items.as_ref() }
    }
}

impl<T: Number + PartialEq> PartialEq for Column<T> {
    fn eq(&self, other: &Column<T>) -> bool {
        **self == **other
    }
}

impl<T: Number + Eq> Eq for Column<T> {}

impl<T: Number + fmt::Debug> fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_files_are_views_and_outlive_all_else() {
        let file = Arc::new(FileBytes::owned((0..64).collect()));
        let start = file.as_ptr().align_offset(8);
        let column = Column::<u32>::of_file(&file, start..start + 8).unwrap();
        assert!(file.as_ptr_range().contains(&column.as_ptr().cast()), "nothing was copied");
        let (again, moved) = (column.clone(), Box::new(column));
        drop(file);
        assert_eq!(again, *moved);
        drop(moved);
        assert_eq!(again[0].to_le_bytes()[1], start as u8 + 1);
        assert_eq!(again.file_bytes().len(), 8);
    }

    #[test]
    fn what_cannot_be_read_as_it_lies_is_copied() {
        let file = Arc::new(FileBytes::owned((0..64).collect()));
        for start in 0..8 {
            let column = Column::<u64>::of_file(&file, start..start + 16).unwrap();
            let expected = [0, 8].map(|at| u64::from_le_bytes(*file[start + at..].first_chunk().unwrap()));
            assert_eq!(*column, expected, "at {start}");
            assert_eq!(*column.file_bytes(), file[start..start + 16]);
        }
    }

    #[test]
    fn parts_that_are_not_there_are_none() {
        let file = Arc::new(FileBytes::owned(vec![0; 16]));
        assert!(Column::<u32>::of_file(&file, 0..15).is_none());
        assert!(Column::<u32>::of_file(&file, 8..20).is_none());
        assert!(Column::<[i32; 2]>::of_file(&file, 4..16).is_none());
        assert_eq!(Column::<u32>::of_file(&file, 4..4).unwrap().len(), 0);
    }

    #[test]
    fn numbers_turn_round_one_by_one() {
        assert_eq!(turned(&[1, 2, 3, 4, 5, 6, 7, 8], 4), [4, 3, 2, 1, 8, 7, 6, 5]);
        assert_eq!(turned(&[1, 2], 1), [1, 2]);
    }
}
