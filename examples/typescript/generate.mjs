// Writes generated/ from the contract: protoc-gen-es is a plugin of a protobuf compiler, and what a compiler would hand
// it, the compiled descriptors, are checked in beside proto/. So none is needed here.

import { create, fromBinary, fromJson, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const descriptors = process.argv[2] ?? join(here, "../../proto/src/gen/descriptor.bin");
const set = fromBinary(FileDescriptorSetSchema, readFileSync(descriptors));

// Of Google's error model, what this example reads: every error of mukae has an ErrorInfo.
const field = (number, name, type = "TYPE_STRING") => ({ number, name, type, label: "LABEL_OPTIONAL", jsonName: name });
const errors = fromJson(FileDescriptorProtoSchema, {
  name: "google/rpc/error_details.proto",
  package: "google.rpc",
  syntax: "proto3",
  messageType: [
    {
      name: "ErrorInfo",
      field: [
        field(1, "reason"),
        field(2, "domain"),
        { ...field(3, "metadata", "TYPE_MESSAGE"), label: "LABEL_REPEATED", typeName: ".google.rpc.ErrorInfo.MetadataEntry" },
      ],
      nestedType: [{ name: "MetadataEntry", field: [field(1, "key"), field(2, "value")], options: { mapEntry: true } }],
    },
    { name: "LocalizedMessage", field: [field(1, "locale"), field(2, "message")] },
  ],
});

const files = [...set.file, errors];
const request = create(CodeGeneratorRequestSchema, {
  parameter: "target=ts,import_extension=js",
  protoFile: files,
  // google.protobuf comes with the library
  fileToGenerate: files.map((file) => file.name).filter((name) => !name.startsWith("google/protobuf/")),
});
const plugin = join(here, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es");
const run = spawnSync(process.execPath, [plugin], {
  input: toBinary(CodeGeneratorRequestSchema, request),
  maxBuffer: 256 << 20,
});
if (run.status !== 0) throw new Error(`protoc-gen-es: ${run.stderr}`);
const response = fromBinary(CodeGeneratorResponseSchema, run.stdout);
if (response.error !== "") throw new Error(response.error);

rmSync(join(here, "generated"), { recursive: true, force: true });
for (const file of response.file) {
  const path = join(here, "generated", file.name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, file.content);
}
console.log(`${response.file.length} files in generated/`);
