//! Finds one named section in an ELF shared library by reading only the tables that lead to it.
//!
//! Everything in the file is taken for hostile: each offset and size is checked against the length
//! of the file before it is used, and no read relies on an earlier one still being true.

use std::io;

use super::manifest::Rejection;

/// Bytes that can be read at any place, of a known length.
pub(super) trait Source {
    fn len(&self) -> u64;
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl Source for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = self.get(start..).and_then(|rest| rest.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// The bytes of the section called `name`, once the whole file is known to be a complete shared
/// library for this machine. `size_max` bounds the section.
pub(super) fn section(
    source: &(impl Source + ?Sized),
    name: &str,
    size_max: u64,
) -> Result<Vec<u8>, Rejection> {
    let header = Header::read(source)?;
    check_segments(source, &header)?;
    let sections = read_sections(source, &header)?;
    let names = section_names(source, &header, &sections)?;
    let mut found = sections.iter().filter(|section| names.at(section.name) == Some(name));
    let Some(section) = found.next() else { return Err(Rejection::NotAPlugin) };
    if found.next().is_some() {
        return Err(Rejection::Damaged("it holds two manifests".into()));
    }
    if !section.in_file() || section.flags & SECTION_COMPRESSED != 0 || section.size > size_max {
        return Err(Rejection::Damaged(format!(
            "its manifest is not plain text of at most {size_max} bytes"
        )));
    }
    read(source, section.offset, section.size)
}

const MAGIC: [u8; 4] = *b"\x7fELF";
const CLASS_64: u8 = 2;
const LITTLE_ENDIAN: u8 = 1;
const SHARED_OBJECT: u16 = 3;
const HEADER_SIZE: u64 = 64;
const SEGMENT_SIZE: u16 = 56;
const SEGMENT_LOAD: u32 = 1;
const SECTION_SIZE: u16 = 64;
const SECTION_NULL: u32 = 0;
const SECTION_STRINGS: u32 = 3;
const SECTION_NO_BITS: u32 = 8;
const SECTION_COMPRESSED: u64 = 0x800;
/// Real tables of section names have a few hundred bytes.
const NAMES_SIZE_MAX: u64 = 1 << 20;

#[cfg(target_arch = "x86_64")]
const HOST_MACHINE: u16 = 62;
#[cfg(target_arch = "aarch64")]
const HOST_MACHINE: u16 = 183;
#[cfg(target_arch = "riscv64")]
const HOST_MACHINE: u16 = 243;

struct Header {
    segments_at: u64,
    segments: u16,
    sections_at: u64,
    sections: u16,
    names_section: u16,
}

impl Header {
    fn read(source: &(impl Source + ?Sized)) -> Result<Self, Rejection> {
        let mut magic = [0; 4];
        if source.read_exact_at(0, &mut magic).is_err() || magic != MAGIC {
            return Err(Rejection::NotElf);
        }
        let bytes = read(source, 0, HEADER_SIZE)?;
        let header = Fields(&bytes);
        let (class, order) = (header.u8(4)?, header.u8(5)?);
        if class != CLASS_64 {
            return Err(Rejection::WrongClass);
        }
        let machine = header.u16(18)?;
        if order != LITTLE_ENDIAN || machine != HOST_MACHINE {
            let machine = if order == LITTLE_ENDIAN { machine } else { machine.swap_bytes() };
            return Err(Rejection::WrongMachine { found: machine_name(machine) });
        }
        if header.u16(16)? != SHARED_OBJECT {
            return Err(Rejection::NotShared);
        }
        let (segments, sections) = (header.u16(56)?, header.u16(60)?);
        if (segments > 0 && header.u16(54)? != SEGMENT_SIZE)
            || (sections > 0 && header.u16(58)? != SECTION_SIZE)
        {
            return Err(Rejection::Damaged("its tables have entries of an unknown size".into()));
        }
        Ok(Self {
            segments_at: header.u64(32)?,
            segments,
            sections_at: header.u64(40)?,
            sections,
            names_section: header.u16(62)?,
        })
    }
}

/// Each segment that would be mapped must lie inside the file: touching a page of a mapping that
/// lies behind the end of the file kills the process.
fn check_segments(source: &(impl Source + ?Sized), header: &Header) -> Result<(), Rejection> {
    let size = u64::from(header.segments) * u64::from(SEGMENT_SIZE);
    let table = read(source, header.segments_at, size)?;
    for entry in table.chunks_exact(usize::from(SEGMENT_SIZE)) {
        let entry = Fields(entry);
        let (offset, in_file, in_memory) = (entry.u64(8)?, entry.u64(32)?, entry.u64(40)?);
        check_range(source, offset, in_file)?;
        if entry.u32(0)? == SEGMENT_LOAD && in_file > in_memory {
            return Err(Rejection::Damaged("a segment is larger than its memory".into()));
        }
    }
    Ok(())
}

struct Section {
    name: u32,
    kind: u32,
    flags: u64,
    offset: u64,
    size: u64,
}

impl Section {
    fn in_file(&self) -> bool {
        self.kind != SECTION_NULL && self.kind != SECTION_NO_BITS
    }
}

fn read_sections(
    source: &(impl Source + ?Sized),
    header: &Header,
) -> Result<Vec<Section>, Rejection> {
    let size = u64::from(header.sections) * u64::from(SECTION_SIZE);
    let table = read(source, header.sections_at, size)?;
    let mut sections = Vec::with_capacity(usize::from(header.sections));
    for entry in table.chunks_exact(usize::from(SECTION_SIZE)) {
        let entry = Fields(entry);
        let section = Section {
            name: entry.u32(0)?,
            kind: entry.u32(4)?,
            flags: entry.u64(8)?,
            offset: entry.u64(24)?,
            size: entry.u64(32)?,
        };
        if section.in_file() {
            check_range(source, section.offset, section.size)?;
        }
        sections.push(section);
    }
    Ok(sections)
}

/// The bytes of the table of section names.
struct Names(Vec<u8>);

impl Names {
    fn at(&self, offset: u32) -> Option<&str> {
        let rest = self.0.get(usize::try_from(offset).ok()?..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        std::str::from_utf8(rest.get(..end)?).ok()
    }
}

fn section_names(
    source: &(impl Source + ?Sized),
    header: &Header,
    sections: &[Section],
) -> Result<Names, Rejection> {
    if sections.is_empty() {
        return Err(Rejection::NotAPlugin);
    }
    match sections.get(usize::from(header.names_section)) {
        Some(names) if names.kind == SECTION_STRINGS && names.size <= NAMES_SIZE_MAX => {
            read(source, names.offset, names.size).map(Names)
        }
        _ => Err(Rejection::Damaged("its sections have no names".into())),
    }
}

fn check_range(source: &(impl Source + ?Sized), offset: u64, size: u64) -> Result<(), Rejection> {
    match offset.checked_add(size) {
        Some(end) if end <= source.len() => Ok(()),
        _ => Err(Rejection::Damaged("it is cut short".into())),
    }
}

/// Reads a range, which it allocates only after the range is known to lie inside the file.
fn read(source: &(impl Source + ?Sized), offset: u64, size: u64) -> Result<Vec<u8>, Rejection> {
    check_range(source, offset, size)?;
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| Rejection::NotAPlugin)?];
    source.read_exact_at(offset, &mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Rejection::Changed,
        _ => Rejection::from(error),
    })?;
    Ok(bytes)
}

/// Little-endian fields of one table entry, at byte offsets.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Rejection> {
        let bytes = self.0.get(at..).and_then(|rest| rest.first_chunk());
        bytes.copied().ok_or_else(|| Rejection::Damaged("it is cut short".into()))
    }

    fn u8(&self, at: usize) -> Result<u8, Rejection> {
        self.array(at).map(u8::from_le_bytes)
    }

    fn u16(&self, at: usize) -> Result<u16, Rejection> {
        self.array(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Result<u32, Rejection> {
        self.array(at).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize) -> Result<u64, Rejection> {
        self.array(at).map(u64::from_le_bytes)
    }
}

fn machine_name(machine: u16) -> String {
    match machine {
        3 => "32-bit x86".into(),
        8 => "MIPS".into(),
        21 => "PowerPC".into(),
        22 => "IBM Z".into(),
        40 => "32-bit ARM".into(),
        62 => "x86-64".into(),
        183 => "AArch64".into(),
        243 => "RISC-V".into(),
        258 => "LoongArch".into(),
        other => format!("machine {other}"),
    }
}
