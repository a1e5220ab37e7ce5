//! The labels of all ranks in one direction, in chunks that metrics share.

use std::iter;
use std::sync::Arc;

use crate::hierarchy::labels::kernel::{Block, Topped, prefetch};
use crate::hierarchy::labels::tree::{CHUNK_OVERHEAD, Spot, Tree};

/// Copied on writing, chunk by chunk: a clone costs the list of chunks.
#[derive(Clone, Debug)]
pub(super) struct Column {
    chunks: Vec<Arc<[Block]>>,
}

impl Column {
    /// With all labels unset.
    pub(super) fn unset(tree: &Tree) -> Column {
        let chunk = |&blocks: &u32| iter::repeat_n(Block::UNSET, blocks as usize).collect();
        Column { chunks: tree.chunks().iter().map(chunk).collect() }
    }

    #[inline]
    pub(super) fn label(&self, spot: Spot) -> &[Block] {
        &self.chunks[spot.chunk()][spot.first()..spot.first() + spot.blocks()]
    }

    #[inline]
    pub(super) fn topped(&self, spot: Spot, more: u32) -> Topped<'_> {
        Topped { times: self.label(spot), more }
    }

    /// The first two cache lines of a label: what most queries between far places read.
    #[inline]
    pub(super) fn prefetch(&self, spot: Spot) {
        const BLOCKS_A_LINE: usize = 64 / size_of::<Block>();
        for block in self.label(spot).iter().step_by(BLOCKS_A_LINE).take(2) {
            prefetch(block);
        }
    }

    /// Copies the chunk first if another column has it too.
    pub(super) fn put(&mut self, spot: Spot, label: &[Block]) {
        let chunk = Arc::make_mut(&mut self.chunks[spot.chunk()]);
        chunk[spot.first()..spot.first() + spot.blocks()].copy_from_slice(label);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| size_of_val::<[Block]>(chunk) as u64 + CHUNK_OVERHEAD).sum()
    }

    /// The part of [`Column::bytes`] that the other column does not share.
    pub(super) fn own_bytes(&self, other: &Column) -> u64 {
        let own = |(chunk, other): &(&Arc<[Block]>, &Arc<[Block]>)| !Arc::ptr_eq(chunk, other);
        let bytes = |(chunk, _): (&Arc<[Block]>, &Arc<[Block]>)| size_of_val::<[Block]>(chunk) as u64 + CHUNK_OVERHEAD;
        self.chunks.iter().zip(&other.chunks).filter(own).map(bytes).sum()
    }
}
