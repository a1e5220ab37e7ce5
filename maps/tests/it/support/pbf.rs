//! A writer of small PBF files, by way of the reader's own protobuf types.

use std::collections::BTreeMap;
use std::io::Write;

use osmpbfreader::fileformat::{Blob, BlobHeader};
use osmpbfreader::osmformat::relation::MemberType;
use osmpbfreader::osmformat::{
    DenseNodes, HeaderBlock, Node, PrimitiveBlock, PrimitiveGroup, Relation, StringTable, Way,
};
use protobuf::{Message, MessageField};

pub(crate) type TagList = Vec<(String, String)>;

#[derive(Clone, Debug)]
pub(crate) struct OsmNode {
    pub(crate) id: i64,
    pub(crate) lat_e7: i64,
    pub(crate) lon_e7: i64,
    pub(crate) tags: TagList,
}

#[derive(Clone, Debug)]
pub(crate) struct OsmWay {
    pub(crate) id: i64,
    pub(crate) refs: Vec<i64>,
    pub(crate) tags: TagList,
}

#[derive(Clone, Debug)]
pub(crate) struct OsmRelation {
    pub(crate) id: i64,
    pub(crate) tags: TagList,
    pub(crate) members: Vec<(&'static str, MemberType, i64)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Extract {
    pub(crate) nodes: Vec<OsmNode>,
    pub(crate) ways: Vec<OsmWay>,
    pub(crate) relations: Vec<OsmRelation>,
}

/// How the file is laid out; every choice must give the same map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) zlib: bool,
    pub(crate) dense: bool,
    /// Relations, ways, nodes instead of the usual order.
    pub(crate) backwards: bool,
}

impl Default for Layout {
    fn default() -> Layout {
        Layout { zlib: true, dense: true, backwards: false }
    }
}

#[derive(Default)]
struct Strings {
    table: Vec<Vec<u8>>,
    number_of: BTreeMap<String, u32>,
}

impl Strings {
    fn number(&mut self, text: &str) -> u32 {
        if self.table.is_empty() {
            self.table.push(Vec::new());
        }
        let next = self.table.len() as u32;
        let number = *self.number_of.entry(text.to_owned()).or_insert(next);
        if number == next {
            self.table.push(text.as_bytes().to_vec());
        }
        number
    }

    fn columns(&mut self, tags: &TagList) -> (Vec<u32>, Vec<u32>) {
        tags.iter().map(|(key, value)| (self.number(key), self.number(value))).unzip()
    }

    fn block(mut self, group: PrimitiveGroup) -> Vec<u8> {
        self.number("");
        let mut block = PrimitiveBlock::new();
        block.stringtable = MessageField::some(StringTable { s: self.table, ..StringTable::new() });
        block.primitivegroup.push(group);
        block.write_to_bytes().expect("all required fields are set")
    }
}

fn deltas(values: impl IntoIterator<Item = i64>) -> Vec<i64> {
    let mut last = 0;
    values.into_iter().map(|value| value - std::mem::replace(&mut last, value)).collect()
}

pub(crate) fn write(extract: &Extract, layout: Layout) -> Vec<u8> {
    let mut header = HeaderBlock::new();
    header.required_features = vec!["OsmSchema-V0.6".to_owned(), "DenseNodes".to_owned()];
    header.osmosis_replication_timestamp = Some(1_600_000_000);
    let mut file = blob("OSMHeader", &header.write_to_bytes().expect("a whole header"), layout.zlib);
    let mut blocks = vec![nodes(&extract.nodes, layout.dense), ways(&extract.ways), relations(&extract.relations)];
    if layout.backwards {
        blocks.reverse();
    }
    for block in blocks {
        file.extend(blob("OSMData", &block, layout.zlib));
    }
    file
}

pub(crate) fn blob(kind: &str, bytes: &[u8], zlib: bool) -> Vec<u8> {
    let mut blob = Blob::new();
    if zlib {
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(bytes).expect("writing to memory");
        blob.set_zlib_data(packer.finish().expect("writing to memory"));
        blob.set_raw_size(bytes.len() as i32);
    } else {
        blob.set_raw(bytes.to_vec());
    }
    let blob = blob.write_to_bytes().expect("a whole blob");
    let mut header = BlobHeader::new();
    header.set_type(kind.to_owned());
    header.set_datasize(blob.len() as i32);
    let header = header.write_to_bytes().expect("a whole blob header");
    [&(header.len() as u32).to_be_bytes()[..], &header, &blob].concat()
}

fn nodes(nodes: &[OsmNode], is_dense: bool) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut group = PrimitiveGroup::new();
    if is_dense {
        let mut dense = DenseNodes::new();
        dense.id = deltas(nodes.iter().map(|node| node.id));
        dense.lat = deltas(nodes.iter().map(|node| node.lat_e7));
        dense.lon = deltas(nodes.iter().map(|node| node.lon_e7));
        for node in nodes {
            for (key, value) in &node.tags {
                strings.number("");
                dense.keys_vals.extend([strings.number(key) as i32, strings.number(value) as i32]);
            }
            dense.keys_vals.push(0);
        }
        group.dense = MessageField::some(dense);
    } else {
        for node in nodes {
            let mut out = Node::new();
            out.set_id(node.id);
            out.set_lat(node.lat_e7);
            out.set_lon(node.lon_e7);
            (out.keys, out.vals) = strings.columns(&node.tags);
            group.nodes.push(out);
        }
    }
    strings.block(group)
}

fn ways(ways: &[OsmWay]) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut group = PrimitiveGroup::new();
    for way in ways {
        let mut out = Way::new();
        out.set_id(way.id);
        out.refs = deltas(way.refs.iter().copied());
        (out.keys, out.vals) = strings.columns(&way.tags);
        group.ways.push(out);
    }
    strings.block(group)
}

fn relations(relations: &[OsmRelation]) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut group = PrimitiveGroup::new();
    for relation in relations {
        let mut out = Relation::new();
        out.set_id(relation.id);
        (out.keys, out.vals) = strings.columns(&relation.tags);
        out.memids = deltas(relation.members.iter().map(|member| member.2));
        out.types = relation.members.iter().map(|member| member.1.into()).collect();
        out.roles_sid = relation.members.iter().map(|member| strings.number(member.0) as i32).collect();
        group.relations.push(out);
    }
    strings.block(group)
}
