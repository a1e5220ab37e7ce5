//! A streaming writer of OSM PBF files: nodes, then ways, then relations, in blocks of bounded size.
//!
//! <https://wiki.openstreetmap.org/wiki/PBF_Format>. It writes what the synthetic country needs and no more; what it
//! holds in memory is one block.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};
use std::mem::take;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use osmpbfreader::fileformat::{Blob, BlobHeader};
use osmpbfreader::osmformat::relation::MemberType;
use osmpbfreader::osmformat::{
    DenseNodes, HeaderBlock, PrimitiveBlock, PrimitiveGroup, Relation as RelationMessage, StringTable,
    Way as WayMessage,
};
use protobuf::{Message, MessageField};

pub type Text = Cow<'static, str>;
pub type Tags = Vec<(&'static str, Text)>;

#[derive(Clone, Debug)]
pub struct Node {
    pub id: i64,
    pub lat_e7: i32,
    pub lon_e7: i32,
    pub tags: Tags,
}

#[derive(Clone, Debug)]
pub struct Way {
    pub id: i64,
    pub refs: Vec<i64>,
    pub tags: Tags,
}

/// A turn restriction over a node; the only relations there are.
#[derive(Clone, Debug)]
pub struct Turn {
    pub id: i64,
    pub rule: &'static str,
    pub from: i64,
    pub via: i64,
    pub to: i64,
}

/// Objects to a block, as most extracts have it.
const BLOCK_MAX: usize = 8000;

/// Takes nodes first, then ways, then turns, each by ascending id: the order that extracts have.
#[derive(Debug)]
pub struct PbfWriter<W: Write> {
    sink: W,
    byte_count: u64,
    nodes: Vec<Node>,
    ways: Vec<Way>,
    turns: Vec<Turn>,
}

impl<W: Write> PbfWriter<W> {
    pub fn new(sink: W) -> io::Result<PbfWriter<W>> {
        let mut writer = PbfWriter { sink, byte_count: 0, nodes: Vec::new(), ways: Vec::new(), turns: Vec::new() };
        let mut header = HeaderBlock::new();
        header.required_features = vec!["OsmSchema-V0.6".to_owned(), "DenseNodes".to_owned()];
        header.optional_features = vec!["Sort.Type_then_ID".to_owned()];
        header.set_writingprogram("mukae synthetic-extract".to_owned());
        writer.write_blob("OSMHeader", &header)?;
        Ok(writer)
    }

    pub fn node(&mut self, node: Node) -> io::Result<()> {
        assert!(self.ways.is_empty() && self.turns.is_empty(), "nodes come first");
        self.nodes.push(node);
        if self.nodes.len() < BLOCK_MAX { Ok(()) } else { self.flush_nodes() }
    }

    pub fn way(&mut self, way: Way) -> io::Result<()> {
        assert!(self.turns.is_empty(), "ways come before relations");
        self.flush_nodes()?;
        self.ways.push(way);
        if self.ways.len() < BLOCK_MAX { Ok(()) } else { self.flush_ways() }
    }

    pub fn turn(&mut self, turn: Turn) -> io::Result<()> {
        self.flush_ways()?;
        self.turns.push(turn);
        if self.turns.len() < BLOCK_MAX { Ok(()) } else { self.flush_turns() }
    }

    /// Writes what is left; how many bytes the file has.
    pub fn finish(mut self) -> io::Result<u64> {
        self.flush_nodes()?;
        self.flush_ways()?;
        self.flush_turns()?;
        self.sink.flush()?;
        Ok(self.byte_count)
    }

    fn flush_nodes(&mut self) -> io::Result<()> {
        let nodes = take(&mut self.nodes);
        let mut strings = Strings::default();
        let mut dense = DenseNodes::new();
        dense.id = deltas(nodes.iter().map(|node| node.id));
        dense.lat = deltas(nodes.iter().map(|node| i64::from(node.lat_e7)));
        dense.lon = deltas(nodes.iter().map(|node| i64::from(node.lon_e7)));
        for node in &nodes {
            for (key, value) in &node.tags {
                dense.keys_vals.extend([strings.number(key) as i32, strings.number(value) as i32]);
            }
            dense.keys_vals.push(0);
        }
        let group = PrimitiveGroup { dense: MessageField::some(dense), ..PrimitiveGroup::new() };
        self.write_block(nodes.len(), group, strings)
    }

    fn flush_ways(&mut self) -> io::Result<()> {
        let ways = take(&mut self.ways);
        let mut strings = Strings::default();
        let mut group = PrimitiveGroup::new();
        for way in &ways {
            let mut out = WayMessage::new();
            out.set_id(way.id);
            out.refs = deltas(way.refs.iter().copied());
            (out.keys, out.vals) = strings.columns(&way.tags);
            group.ways.push(out);
        }
        self.write_block(ways.len(), group, strings)
    }

    fn flush_turns(&mut self) -> io::Result<()> {
        let turns = take(&mut self.turns);
        let mut strings = Strings::default();
        let mut group = PrimitiveGroup::new();
        for turn in &turns {
            let mut out = RelationMessage::new();
            out.set_id(turn.id);
            (out.keys, out.vals) =
                strings.columns(&vec![("type", "restriction".into()), ("restriction", turn.rule.into())]);
            out.memids = deltas([turn.from, turn.via, turn.to]);
            out.types = [MemberType::WAY, MemberType::NODE, MemberType::WAY].map(Into::into).to_vec();
            out.roles_sid = ["from", "via", "to"].map(|role| strings.number(role) as i32).to_vec();
            group.relations.push(out);
        }
        self.write_block(turns.len(), group, strings)
    }

    fn write_block(&mut self, object_count: usize, group: PrimitiveGroup, strings: Strings) -> io::Result<()> {
        if object_count == 0 {
            return Ok(());
        }
        let mut block = PrimitiveBlock::new();
        block.stringtable = MessageField::some(StringTable { s: strings.table, ..StringTable::new() });
        block.primitivegroup.push(group);
        self.write_blob("OSMData", &block)
    }

    fn write_blob(&mut self, kind: &str, content: &impl Message) -> io::Result<()> {
        let bytes = content.write_to_bytes()?;
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&bytes)?;
        let mut blob = Blob::new();
        blob.set_raw_size(bytes.len() as i32);
        blob.set_zlib_data(packer.finish()?);
        let blob = blob.write_to_bytes()?;
        let mut header = BlobHeader::new();
        header.set_type(kind.to_owned());
        header.set_datasize(blob.len() as i32);
        let header = header.write_to_bytes()?;
        for part in [&(header.len() as u32).to_be_bytes()[..], &header, &blob] {
            self.sink.write_all(part)?;
            self.byte_count += part.len() as u64;
        }
        Ok(())
    }
}

/// The strings of one block, each once. Number 0 is the empty string, which ends a node's tags.
#[derive(Debug)]
struct Strings {
    table: Vec<Vec<u8>>,
    /// Only looked up, never walked: its order decides nothing.
    number_of: HashMap<String, u32>,
}

impl Default for Strings {
    fn default() -> Strings {
        Strings { table: vec![Vec::new()], number_of: HashMap::from([(String::new(), 0)]) }
    }
}

impl Strings {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.number_of.get(text) {
            return number;
        }
        let number = self.table.len() as u32;
        self.table.push(text.as_bytes().to_vec());
        self.number_of.insert(text.to_owned(), number);
        number
    }

    fn columns(&mut self, tags: &Tags) -> (Vec<u32>, Vec<u32>) {
        tags.iter().map(|(key, value)| (self.number(key), self.number(value))).unzip()
    }
}

fn deltas(values: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut last = 0;
    values.into_iter().map(|value| value - std::mem::replace(&mut last, value)).collect()
}
