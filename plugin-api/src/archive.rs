//! State as named tensors and scalars: one description of what changes serves saving and loading.

use crate::error::{Error, Result};
use crate::rng::Rng;
use serde::{Deserialize, Serialize};

/// What a saved tensor is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 64-bit signed integer.
    I64,
    /// 64-bit unsigned integer.
    U64,
    /// 32-bit signed integer.
    I32,
    /// 32-bit unsigned integer.
    U32,
    /// 8-bit unsigned integer.
    U8,
    /// Truth value, a byte each.
    Bool,
}

impl Kind {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::U8 | Self::Bool => 1,
        }
    }
}

/// One named tensor; a scalar has an empty shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name, with the scopes it lies in: `critic/layer0/weight`.
    pub name: String,
    /// What it is made of.
    pub kind: Kind,
    /// Extent of every axis, row-major.
    pub shape: Vec<u64>,
    /// The numbers, little-endian.
    pub bytes: Vec<u8>,
}

/// Everything an object needs to go on exactly, in the order it was named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The tensors.
    pub entries: Vec<Entry>,
}

/// First byte of an encoded state; a new encoding gets a new number.
const ENCODING: u8 = 1;

impl State {
    /// The state as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![ENCODING]).expect("plain data always encodes")
    }

    /// The state behind bytes that [`State::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        match bytes {
            [ENCODING, rest @ ..] => {
                let state: Self = postcard::from_bytes(rest)
                    .map_err(|e| Error::argument(format!("the saved state is damaged: {e}")))?;
                state.check()?;
                Ok(state)
            }
            [other, ..] => Err(Error::argument(format!(
                "the saved state has encoding {other}, this build reads {ENCODING}; \
                 use a newer build"
            ))),
            [] => Err(Error::argument("the saved state is empty")),
        }
    }

    fn check(&self) -> Result<()> {
        for entry in &self.entries {
            let items = entry.shape.iter().try_fold(1u64, |a, &b| a.checked_mul(b));
            let bytes = items.and_then(|items| items.checked_mul(entry.kind.size() as u64));
            if bytes != Some(entry.bytes.len() as u64) {
                return Err(Error::argument(format!(
                    "the saved state is damaged: tensor `{}` has another size than its shape says",
                    entry.name
                )));
            }
        }
        Ok(())
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// A plain number that can be saved.
pub trait Scalar: sealed::Sealed + Copy + Default {
    /// What it is at run time.
    const KIND: Kind;
    #[doc(hidden)]
    fn put(self, out: &mut Vec<u8>);
    #[doc(hidden)]
    fn take(bytes: &[u8]) -> Self;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! scalar {
    ($($ty:ty, $wire:ty, $kind:ident;)*) => {$(
        impl sealed::Sealed for $ty {}
        impl Scalar for $ty {
            const KIND: Kind = Kind::$kind;

            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&(self as $wire).to_le_bytes());
            }

            fn take(bytes: &[u8]) -> Self {
                <$wire>::from_le_bytes(bytes.try_into().expect("the size was checked")) as $ty
            }
        }
    )*};
}

scalar! {
    f32, f32, F32;
    f64, f64, F64;
    i64, i64, I64;
    u64, u64, U64;
    usize, u64, U64;
    i32, i32, I32;
    u32, u32, U32;
    u8, u8, U8;
}

impl sealed::Sealed for bool {}
impl Scalar for bool {
    const KIND: Kind = Kind::Bool;

    fn put(self, out: &mut Vec<u8>) {
        out.push(u8::from(self));
    }

    fn take(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }
}

/// Saves or loads, whichever is being done; the code that names its state need not know.
#[derive(Debug)]
pub struct Archive {
    /// What was saved so far, or what is left to load.
    state: State,
    loading: bool,
    /// Names of the scopes around, each followed by `/`.
    prefix: String,
    /// Where the next name is expected when loading; names usually come in the order they were
    /// saved.
    cursor: usize,
    loaded: usize,
    error: Option<Error>,
}

impl Archive {
    /// An archive that saves.
    pub fn saving() -> Self {
        Self::new(State::default(), false)
    }

    /// An archive that loads what is in `state`.
    pub fn loading(state: State) -> Self {
        Self::new(state, true)
    }

    fn new(state: State, loading: bool) -> Self {
        Self { state, loading, prefix: String::new(), cursor: 0, loaded: 0, error: None }
    }

    /// What was saved, or whether everything was there and fitted.
    pub fn finish(self) -> Result<State> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.loading && self.loaded < self.state.entries.len() {
            return Err(Error::argument(format!(
                "the saved state has {} tensors, only {} have a place here",
                self.state.entries.len(),
                self.loaded
            )));
        }
        Ok(self.state)
    }

    /// Whether values are being loaded, for those who must rebuild something afterwards.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// Reports that the state cannot be saved or does not fit; the first report counts.
    pub fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// One number.
    pub fn value<T: Scalar>(&mut self, name: &str, value: &mut T) {
        self.transfer(name, T::KIND, Some(&[]), |values: &mut Values<'_>| match values {
            Values::Save(out) => value.put(out),
            Values::Load(bytes) => *value = T::take(bytes),
        });
    }

    /// Numbers whose count never changes.
    pub fn slice<T: Scalar>(&mut self, name: &str, values: &mut [T]) {
        self.tensor(name, &[values.len()], values);
    }

    /// Numbers with a shape that never changes.
    pub fn tensor<T: Scalar>(&mut self, name: &str, shape: &[usize], values: &mut [T]) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "shape of `{name}`");
        self.transfer(name, T::KIND, Some(shape), |transfer: &mut Values<'_>| match transfer {
            Values::Save(out) => values.iter().for_each(|value| value.put(out)),
            Values::Load(bytes) => {
                let size = T::KIND.size();
                for (value, bytes) in values.iter_mut().zip(bytes.chunks_exact(size)) {
                    *value = T::take(bytes);
                }
            }
        });
    }

    /// Numbers whose count changes.
    pub fn list<T: Scalar>(&mut self, name: &str, values: &mut Vec<T>) {
        let shape = (!self.loading).then_some([values.len()]);
        let shape = shape.as_ref().map(<[usize; 1]>::as_slice);
        self.transfer(name, T::KIND, shape, |transfer: &mut Values<'_>| match transfer {
            Values::Save(out) => values.iter().for_each(|value| value.put(out)),
            Values::Load(bytes) => {
                *values = bytes.chunks_exact(T::KIND.size()).map(T::take).collect();
            }
        });
    }

    /// A string.
    pub fn text(&mut self, name: &str, text: &mut String) {
        let mut bytes = text.as_bytes().to_vec();
        self.list(name, &mut bytes);
        if self.loading {
            match String::from_utf8(bytes) {
                Ok(loaded) => *text = loaded,
                Err(_) => self.fail(Error::argument(format!("`{name}` is not a text"))),
            }
        }
    }

    /// Random numbers go on where they were.
    pub fn rng(&mut self, name: &str, rng: &mut Rng) {
        let mut words = rng.words();
        self.slice(name, &mut words);
        if self.loading {
            match Rng::from_words(words) {
                Ok(loaded) => *rng = loaded,
                Err(error) => self.fail(Error::argument(format!("`{name}`: {error}"))),
            }
        }
    }

    /// Puts `name/` in front of everything that `inside` names.
    pub fn scope(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let outer = self.prefix.len();
        self.prefix.push_str(name);
        self.prefix.push('/');
        inside(self);
        self.prefix.truncate(outer);
    }

    fn transfer(
        &mut self,
        name: &str,
        kind: Kind,
        shape: Option<&[usize]>,
        mut with: impl FnMut(&mut Values<'_>),
    ) {
        if self.error.is_some() {
            return;
        }
        let name = format!("{}{name}", self.prefix);
        if self.loading {
            match self.find(&name, kind, shape) {
                Ok(idx) => {
                    with(&mut Values::Load(&self.state.entries[idx].bytes));
                    self.cursor = idx + 1;
                    self.loaded += 1;
                }
                Err(error) => self.fail(error),
            }
            return;
        }
        if self.state.get(&name).is_some() {
            return self.fail(Error::new(format!("the state names `{name}` twice")));
        }
        let mut bytes = Vec::new();
        with(&mut Values::Save(&mut bytes));
        let shape = shape.unwrap_or_default().iter().map(|&n| n as u64).collect();
        self.state.entries.push(Entry { name, kind, shape, bytes });
    }

    /// Place of the tensor of this name, kind and shape.
    fn find(&self, name: &str, kind: Kind, shape: Option<&[usize]>) -> Result<usize> {
        let entries = &self.state.entries;
        let expected = entries.get(self.cursor).filter(|entry| entry.name == name);
        let idx = match expected {
            Some(_) => Some(self.cursor),
            None => entries.iter().position(|entry| entry.name == name),
        };
        let idx =
            idx.ok_or_else(|| Error::argument(format!("the saved state has no tensor `{name}`")))?;
        let entry = &entries[idx];
        let fits = shape.is_none_or(|shape| {
            entry.shape.len() == shape.len()
                && entry.shape.iter().zip(shape).all(|(&a, &b)| a == b as u64)
        });
        if entry.kind != kind || !fits {
            return Err(Error::argument(format!(
                "tensor `{name}` is {:?} {:?} in the saved state, here it is {kind:?} {:?}",
                entry.kind,
                entry.shape,
                shape.unwrap_or_default()
            )));
        }
        Ok(idx)
    }
}

/// One tensor on its way in or out.
enum Values<'a> {
    Save(&'a mut Vec<u8>),
    Load(&'a [u8]),
}
