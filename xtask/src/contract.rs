//! Reading `proto/`: all our `.proto` files as descriptors, with their comments.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use protox::Compiler;

/// Everything that `proto/` says.
pub(crate) struct Contract {
    /// Our files and what they import, imports first, with comments.
    pub(crate) set: FileDescriptorSet,
    /// The same without comments, encoded: what reflection serves.
    pub(crate) encoded: Vec<u8>,
}

impl Contract {
    pub(crate) fn read(root: &Path) -> Result<Contract> {
        let proto = root.join("proto");
        let ours = proto_files(&proto.join("transit"))?;
        ensure!(!ours.is_empty(), "no .proto file below proto/transit");
        Contract::compile(&proto, &ours)
    }

    /// `files` lie below `include`, which is where their imports are looked up.
    pub(crate) fn compile(include: &Path, files: &[PathBuf]) -> Result<Contract> {
        let mut compiler = Compiler::new([include])?;
        compiler.include_imports(true).open_files(files).context("proto/ does not compile")?;
        let encoded = compiler.include_source_info(false).encode_file_descriptor_set();
        let set = compiler.include_source_info(true).file_descriptor_set();
        Ok(Contract { set, encoded })
    }

    /// The files that are ours to write, in the order of their names.
    pub(crate) fn ours(&self) -> Vec<&FileDescriptorProto> {
        let mut ours: Vec<_> = self.set.file.iter().filter(|file| file.name().starts_with("transit/")).collect();
        ours.sort_by_key(|file| file.name());
        ours
    }
}

/// The comments of one file, by the path of what they stand at.
///
/// A path is a chain of field numbers and indices in `descriptor.proto`: `[4, 0, 2, 1]` is the second field (2, 1) of
/// the first message (4, 0).
pub(crate) struct Comments<'a>(BTreeMap<&'a [i32], &'a str>);

impl<'a> Comments<'a> {
    /// A file's own comment stands above its `syntax`.
    const SYNTAX: [i32; 1] = [12];

    pub(crate) fn of(file: &'a FileDescriptorProto) -> Comments<'a> {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        Comments(locations.map(|location| (location.path.as_slice(), location.leading_comments())).collect())
    }

    /// The text without the blank that follows `//`; empty if there is none.
    pub(crate) fn at(&self, path: &[i32]) -> String {
        let text = self.0.get(path).copied().unwrap_or_default();
        let lines = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    pub(crate) fn of_file(&self) -> String {
        self.at(&Comments::SYNTAX)
    }
}

/// A message, nested ones included, with its full name and its path for [`Comments::at`].
pub(crate) struct Message<'a> {
    pub(crate) name: String,
    pub(crate) path: Vec<i32>,
    pub(crate) descriptor: &'a DescriptorProto,
}

/// An enum, nested ones included, likewise.
pub(crate) struct Enum<'a> {
    pub(crate) name: String,
    pub(crate) path: Vec<i32>,
    pub(crate) descriptor: &'a EnumDescriptorProto,
}

/// All messages of a file, in the order in which they stand there; a nested one follows its parent.
pub(crate) fn messages(file: &FileDescriptorProto) -> Vec<Message<'_>> {
    fn add<'a>(prefix: &str, path: Vec<i32>, descriptor: &'a DescriptorProto, all: &mut Vec<Message<'a>>) {
        let name = format!("{prefix}.{}", descriptor.name());
        all.push(Message { name: name.clone(), path: path.clone(), descriptor });
        for (index, nested) in descriptor.nested_type.iter().enumerate() {
            add(&name, child(&path, step::MESSAGE_NESTED, index), nested, all);
        }
    }
    let mut all = Vec::new();
    for (index, descriptor) in file.message_type.iter().enumerate() {
        add(file.package(), child(&[], step::FILE_MESSAGE, index), descriptor, &mut all);
    }
    all
}

/// All enums of a file: those at the top, then those inside messages.
pub(crate) fn enums(file: &FileDescriptorProto) -> Vec<Enum<'_>> {
    let mut all = Vec::new();
    for (index, descriptor) in file.enum_type.iter().enumerate() {
        let name = format!("{}.{}", file.package(), descriptor.name());
        all.push(Enum { name, path: child(&[], step::FILE_ENUM, index), descriptor });
    }
    for message in messages(file) {
        for (index, descriptor) in message.descriptor.enum_type.iter().enumerate() {
            let name = format!("{}.{}", message.name, descriptor.name());
            all.push(Enum { name, path: child(&message.path, step::MESSAGE_ENUM, index), descriptor });
        }
    }
    all
}

/// `path` with two more steps: the child of kind `field` at `index`.
pub(crate) fn child(path: &[i32], field: i32, index: usize) -> Vec<i32> {
    let index = i32::try_from(index).expect("a .proto file has fewer than two billion lines");
    [path, &[field, index]].concat()
}

/// Field numbers in `descriptor.proto`, for [`child`].
pub(crate) mod step {
    pub(crate) const FILE_MESSAGE: i32 = 4;
    pub(crate) const FILE_ENUM: i32 = 5;
    pub(crate) const FILE_SERVICE: i32 = 6;
    pub(crate) const MESSAGE_FIELD: i32 = 2;
    pub(crate) const MESSAGE_NESTED: i32 = 3;
    pub(crate) const MESSAGE_ENUM: i32 = 4;
    pub(crate) const MESSAGE_ONEOF: i32 = 8;
    pub(crate) const ENUM_VALUE: i32 = 2;
    pub(crate) const SERVICE_METHOD: i32 = 2;
}

/// All `.proto` files below `dir`, sorted.
fn proto_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).with_context(|| format!("can not list {}", dir.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|extension| extension == "proto") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
